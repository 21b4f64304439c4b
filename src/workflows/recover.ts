import { recoverServices } from '../execute/index.ts';
import { McpError } from '../model/failure.ts';
import { restingIn } from '../model/membership.ts';
import { type HostObservation, membershipIn, type ObservedState, reachable } from '../model/observed.ts';
import { type Batch, type MissingHost, numbered, type Plan, planWith, quietBatch } from '../model/plan.ts';
import type { Outage, Recoverable, Recovery, RecoveryStage } from '../model/recovery.ts';
import type { Service } from '../model/service.ts';
import { instancesOf, type Topology } from '../model/topology.ts';
import { services } from '../services/index.ts';
import { askedFrom } from './asked.ts';
import type { Session } from './cloud.ts';
import { refuse } from './deploy.ts';
import { type LockWishes, whenUnlocked } from './lock-wait.ts';
import { observeParticipants } from './participants.ts';
import { createRunFolder } from './run-folder.ts';

export interface RecoverOptions extends LockWishes {
  /** Hosts that do not answer, and whose knowledge is given up. */
  readonly without: readonly string[];
  /** The host whose data is the truth, where that can't be told. */
  readonly from: string | undefined;
  /** Shows what would be done and asks; resolves false to leave everything as it is. */
  confirm(prepared: PreparedRecovery): Promise<boolean>;
}

/** What would be done, before it is. */
export interface PreparedRecovery {
  readonly cloud: string;
  readonly recoveries: readonly ServiceRecovery[];
  readonly plan: Plan;
}

/** How one service comes back. */
interface ServiceRecovery extends Recovery {
  readonly service: string;
  /** Its name in words. */
  readonly name: string;
}

/**
 * Brings back services whose members can't agree any more on what is true: compares what they know, and begins again
 * with whoever knows most. A service that serves, or will by itself, is left alone. Throws McpError when what is true
 * can not be told, and nobody has.
 */
export const recoverCloud = (session: Session, options: RecoverOptions): Promise<PreparedRecovery> =>
  whenUnlocked(session, options, (emit) => recoverOnce(session, { ...options, emit }));

async function recoverOnce(session: Session, options: RecoverOptions): Promise<PreparedRecovery> {
  const { all: topology, desired, observed: seen } = await observeParticipants(session, 'probes');
  checkNames(topology, options);
  const observed = await withEvidence(seen, { session, topology, options });
  const recoveries = recoveriesIn(observed, topology, options);
  const stages = stagesOf(recoveries);
  const prepared = {
    cloud: topology.cloud,
    recoveries,
    plan: {
      ...planWith(topology.cloud, [...stages.keys()]),
      missing: silentHosts(topology, observed),
      refusals: recoveries.flatMap(({ refusals }) => refusals),
    },
  };
  if (recoveries.length === 0) return prepared;
  const isConfirmed = await options.confirm(prepared);
  refuse(prepared.plan);
  if (!isConfirmed) throw new McpError('not-confirmed', 'not confirmed: nothing was changed');
  const { run, directory } = await createRunFolder(topology.cloud, new Date());
  const { connect, connectAfresh } = session;
  const { emit, signals } = options;
  await recoverServices(
    {
      asked: await askedFrom(session.repository, 'recover'),
      ...{ run, runDirectory: directory, plan: prepared.plan, observed, desired, topology, services },
      ...{ connect, connectAfresh, emit, signals },
    },
    stages,
    (now) => recoverable.every((one) => !isBack(one, now, { topology, recoveries })),
  );
  return prepared;
}

function checkNames({ hosts }: Topology, { without, from }: RecoverOptions): void {
  const names = hosts.map(({ name }) => name);
  const unknown = [...without, ...(from === undefined ? [] : [from])].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new McpError('invalid-arguments', `there is no host ${unknown}`, {
    hint: `name one of ${names.join(', ')}`,
  });
}

interface OutService {
  readonly service: Service;
  readonly recovery: Recoverable;
}

const recoverable: readonly OutService[] = services.flatMap((service) =>
  service.recovery === undefined ? [] : [{ service, recovery: service.recovery }],
);

interface Asking {
  readonly session: Session;
  readonly topology: Topology;
  readonly options: RecoverOptions;
}

/** Whether it is for the operator to decide. To ask members that heal could keep them from it. */
const isDecided = (outage: Outage | undefined, { from }: RecoverOptions): boolean =>
  outage?.kind === 'stuck' || (outage !== undefined && from !== undefined);

interface Prepared {
  readonly topology: Topology;
  readonly recoveries: readonly ServiceRecovery[];
}

/** Whether a service serves again that was to be begun anew: while the operator was asked, whoever was missing returned. */
function isBack(
  { service, recovery }: OutService,
  observed: ObservedState,
  { topology, recoveries }: Prepared,
): boolean {
  const planned = recoveries.find((each) => each.service === service.name);
  if (planned?.beginsAnew !== true) return false;
  return recovery.outage(instancesOf(topology, service.name), observed) === undefined;
}

/** Asks the members of what is out what they know, which takes longer than a look. */
async function withEvidence(
  observed: ObservedState,
  { session, topology, options }: Asking,
): Promise<ObservedState> {
  const asked = recoverable.flatMap(({ service, recovery }) => {
    const instances = instancesOf(topology, service.name);
    const hosts = isDecided(recovery.outage(instances, observed), options)
      ? instances.map(({ host }) => host.name)
      : recovery.ailing(instances, observed);
    return instances
      .filter(({ host }) => hosts.includes(host.name) && reachable(observed, host.name) !== undefined)
      .flatMap((instance) => {
        const probe = recovery.evidence?.(instance);
        return probe === undefined ? [] : [{ host: instance.host.name, service, probe }];
      });
  });
  const hosts = [...new Set(asked.map(({ host }) => host))];
  if (hosts.length === 0) return observed;
  const told = await session.observeOthers({
    desired: {
      hosts: new Map(
        hosts.map((host) => [
          host,
          {
            host,
            services: asked
              .filter((each) => each.host === host)
              .map(({ service, probe }) => ({
                ...{ service: service.name, resources: [], validators: [], data: [] },
                probes: [probe],
              })),
          },
        ]),
      ),
    },
    hosts,
    depth: 'probes',
  });
  return { hosts: new Map([...observed.hosts].map(([host, now]) => [host, withProbesOf(now, told)])) };
}

function withProbesOf(now: HostObservation, told: ObservedState): HostObservation {
  const more = reachable(told, now.host);
  return now.kind === 'reachable' && more !== undefined
    ? { ...now, probes: new Map([...now.probes, ...more.probes]) }
    : now;
}

function recoveriesIn(
  observed: ObservedState,
  topology: Topology,
  { without, from }: RecoverOptions,
): readonly ServiceRecovery[] {
  const resting = new Set(restingIn(membershipIn(observed, topology.cloud)).keys());
  return recoverable.flatMap(({ service, recovery }) => {
    const instances = instancesOf(topology, service.name);
    const outage = recovery.outage(instances, observed);
    // It does so by itself, unless the operator knows better.
    if (outage?.kind === 'heals' && from === undefined) return [];
    const planned = recovery.plan({ instances, topology, observed, resting, without, from });
    return planned === undefined ? [] : [{ ...planned, service: service.name, name: service.title }];
  });
}

function stagesOf(recoveries: readonly ServiceRecovery[]): ReadonlyMap<Batch, RecoveryStage> {
  const stages = recoveries.flatMap(({ service, stages: own }) => own.map((stage) => ({ service, stage })));
  const batches = numbered(
    stages.map(({ service, stage }) =>
      quietBatch(
        service,
        stage.title,
        [...new Set(stage.steps.map(({ host }) => host))].map((host) => ({ host, steps: [] })),
      ),
    ),
  );
  return new Map(stages.flatMap(({ stage }, index) => entry(batches[index], stage)));
}

const entry = (batch: Batch | undefined, stage: RecoveryStage): readonly [Batch, RecoveryStage][] =>
  batch === undefined ? [] : [[batch, stage]];

/** Who does not answer takes no part, member or not: it comes back to what the others have then. */
const silentHosts = ({ hosts }: Topology, observed: ObservedState): readonly MissingHost[] =>
  hosts
    .filter(({ name }) => reachable(observed, name) === undefined)
    .map(({ name }) => ({ host: name, kind: 'silent', reason: 'does not answer', capacity: [] }));
