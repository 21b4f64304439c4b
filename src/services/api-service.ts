import type { ZodType } from 'zod';
import { apiChecks, apiProbe, apiStatus } from '../health/index.ts';
import type { Host } from '../model/host.ts';
import { defineService, type Service } from '../model/service.ts';
import type { Instance } from '../model/topology.ts';
import { restDropIns, restOf } from '../resources/index.ts';
import {
  type Api,
  apiAddress,
  apiListener,
  apiSocket,
  carriedByWorkers,
  drainSteps,
  firstStartOf,
  returnSteps,
} from '../resources/openstack/index.ts';

type Own<Settings> = Pick<
  Service<Settings>,
  | 'name'
  | 'title'
  | 'after'
  | 'secrets'
  | 'rotations'
  | 'databases'
  | 'identities'
  | 'resources'
  | 'validators'
  | 'mistakes'
  | 'rooms'
  | 'forget'
>;

/** What tells one of OpenStack's services from the others. */
export interface ApiService<Settings> extends Own<Settings> {
  readonly settings: ZodType<Settings>;
  readonly perMachine?: readonly (keyof Settings & string)[];
  /** The first is the one that clients mean. */
  readonly apis: readonly Api<Settings>[];
  /**
   * Units that take their work from the message broker: no load balancer could spare them. They start before those of the
   * APIs, in this order.
   */
  workers?(host: Host): readonly string[];
  /** Is there once it is set up. */
  readonly config: string;
  /** Shell that makes its schema; safe to repeat. */
  readonly makeSchema: string;
  /** Seconds until it answers on hosts that have other things to do. */
  readonly gateSeconds: number;
}

/**
 * A stateless service of OpenStack: the same on every control host behind the load balancers, which are told before an
 * instance is restarted. What its instances share, its schema, is made once.
 */
export function defineApiService<Settings>(own: ApiService<Settings>): Service<Settings> {
  const { name, title, settings, apis, workers, config, makeSchema, gateSeconds, resources, ...more } = own;
  const resting = ({ host }: Instance<Settings>) => ({ service: name, units: workers?.(host) ?? [] });
  return defineService<Settings>({
    ...more,
    name,
    title,
    settings,
    roles: ['control'],
    gateSeconds,
    rolling: { first: 'together', later: 'one-by-one' },
    quorum: 'one',
    resources: (instance, topology, render) => [
      ...resources(instance, topology, render),
      ...restDropIns(resting(instance), render),
    ],
    sockets: (instance) => apis.map((api) => apiSocket(api, instance)),
    listeners: (instances) => apis.flatMap((api) => apiListener(api, instances)),
    probes: (instance) => apis.map((api) => apiProbe(askedOn(api, instance, config))),
    checks: (instances) => apiChecks(describe(own), instances.map(unitsOn(own))),
    status: (instances, _topology, observed) =>
      apiStatus(describe(own), instances.map(unitsOn(own)), observed),
    ...(workers === undefined
      ? {}
      : {
          rest: {
            mark: (instance) => restOf(resting(instance)).mark(),
            unmark: (instance) => restOf(resting(instance)).unmark(),
          },
        }),
    carries: (instance, _topology, observed) => carriedByWorkers(resting(instance), instance.host, observed),
    leave: drainSteps,
    join: returnSteps,
    bootstrap(instances, _topology, observed) {
      const [first] = instances;
      const [unit = ''] = first === undefined ? [] : unitsOn(own)(first).units;
      return firstStartOf({ unit, title: 'make the schema', prepare: makeSchema }, instances, observed);
    },
    capacity: ({ members }) => `${name} ${members.length - 1} of ${members.length}`,
  });
}

const askedOn = <Settings>(
  api: Api<Settings>,
  { host, settings }: Instance<Settings>,
  installed: string,
) => ({
  name: api.name,
  address: apiAddress(host),
  port: api.portIn(settings),
  path: api.check.path,
  installed,
});

const describe = <Settings>({ name, title, apis }: ApiService<Settings>) => ({
  service: name,
  title,
  apis: apis.map((api) => ({ name: api.name, expect: api.check.expect })),
});

/** In the order in which they are started. */
const unitsOn =
  <Settings>({ apis, workers }: ApiService<Settings>) =>
  ({ host }: Instance<Settings>) => ({
    host: host.name,
    units: [...(workers?.(host) ?? []), ...apis.map(({ check }) => check.unit)],
  });
