import type { Finding, StatusSection } from '../../model/check.ts';
import type { ObservedState } from '../../model/observed.ts';
import { defineService } from '../../model/service.ts';
import { programPaths, pythonCompiles, removeMark, restMark, setMark } from '../../resources/index.ts';
import { type CheckerInstance, checkerAddress, program, serviceName, unit } from './names.ts';
import { resourcesFor } from './resources.ts';
import { type CheckerSettings, settings } from './settings.ts';
import { checkedOn, checkerProbe } from './view.ts';

/** Read by the program: its APIs are out while it is there, as long as they are well on another host. */
const mark = restMark('apis');

/**
 * Says of each API on its host whether it can work, its database included, to the load balancers. It never takes the
 * last instance out.
 */
export const apiChecker = defineService<CheckerSettings>({
  name: serviceName,
  title: 'API checker',
  roles: ['control'],
  after: ['host', 'galera'],
  settings,
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  checker: ({ port }) => ({ port }),
  sockets: ({ host, settings: { port } }) => [
    {
      host: host.name,
      service: serviceName,
      address: checkerAddress(host),
      port,
      protocol: 'tcp',
      purpose: 'health of the APIs',
      from: 'cloud',
    },
  ],
  rest: { mark: () => setMark(mark), unmark: () => removeMark(mark) },
  resources: resourcesFor,
  validators: () => [pythonCompiles(program.path, programPaths(program))],
  probes: (instance) => [checkerProbe(instance)],
  checks: (instances) => [
    {
      name: 'api-checker.answers',
      service: serviceName,
      title: 'the checker of the APIs answers on every host',
      judge: (observed) => instances.flatMap((instance) => judge(instance, observed)),
    },
  ],
  status: (instances, _topology, observed) => [statusOf(instances, observed)],
});

/**
 * That an API is unwell is the load balancers' finding; that it is kept all the same, or that nobody looks, only the
 * checker knows.
 */
function judge({ host }: CheckerInstance, observed: ObservedState): readonly Finding[] {
  const hint = `Look at journalctl -u ${unit} there.`;
  const red = (message: string): Finding => ({ severity: 'red', hosts: [host.name], message, hint });
  const apis = checkedOn(host.name, observed);
  if (apis === undefined) return [red('the API checker does not answer')];
  return apis.flatMap(({ name, state, isOffered, why }): readonly Finding[] => {
    if (state === 'unknown') return [red(`nobody looks at ${name} on ${host.name}: ${why}`)];
    if (state === 'well' || !isOffered) return [];
    return [{ severity: 'warning', hosts: [host.name], message: `${name} on ${host.name}: ${why}` }];
  });
}

const statusOf = (instances: readonly CheckerInstance[], observed: ObservedState): StatusSection => ({
  title: 'APIs as their hosts see them',
  columns: ['host', 'api', 'state', 'offered', 'why'],
  rows: instances.flatMap(({ host }) =>
    (checkedOn(host.name, observed) ?? []).map(({ name, state, isOffered, why }) => [
      host.name,
      name,
      state,
      isOffered ? 'yes' : 'no',
      why === state ? '' : why,
    ]),
  ),
});
