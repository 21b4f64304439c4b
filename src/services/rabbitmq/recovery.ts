import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Refusal } from '../../model/plan.ts';
import type { Probe } from '../../model/probe.ts';
import type { Recoverable, Recovery, RecoveryQuestion } from '../../model/recovery.ts';
import { programWith } from '../../model/shell-program.ts';
import type { ScriptStep } from '../../model/step.ts';
import { stopUnit, withHeldUnits } from '../../resources/index.ts';
import beginAloneText from './begin-alone.sh';
import lastSeenText from './last-seen.sh';
import { dataFolder, files, nodeName, type RabbitmqInstance, unit } from './names.ts';
import { outageOf } from './outage.ts';
import type { RabbitmqSettings } from './settings.ts';
import startMemberText from './start-member.sh';
import { viewOf } from './view.ts';

/**
 * A member that starts waits for those that it last saw running, since they may have what it has not. All of them
 * together find each other; where one is gone for good, the one that stopped last of the others begins without it.
 * Nobody is forgotten: should the lost one return, it brings back what it alone had.
 */
export const rabbitmqRecovery: Recoverable<RabbitmqSettings> = {
  outage: outageOf,
  // One that others know the truth of takes it from them whenever it starts.
  ailing: () => [],
  evidence: ({ host }) => lastSeenProbe(nodeName(host)),
  plan: planRecovery,
};

const probeName = 'rabbitmq.last-seen';

const lastSeenProbe = (node: string): Probe => ({
  name: probeName,
  deadlineSeconds: 5,
  script: programWith(lastSeenText, { values: { node } }),
});

/** The members that this one last saw running; undefined: it has no data. */
function lastSeenBy(host: string, observed: ObservedState): readonly string[] | undefined {
  const said = /^seen=(.*)$/m.exec(probeOutput(observed, host, probeName) ?? '')?.[1];
  return said?.split(' ').filter(Boolean);
}

function planRecovery(question: RecoveryQuestion<RabbitmqSettings>): Recovery | undefined {
  const { instances, observed, resting, without } = question;
  // A blank machine in the place of one has nothing to say, and is for a deploy to set up.
  const answering = instances.filter(({ host }) => reachable(observed, host.name)?.records.has(unit));
  const startable = answering.filter(({ host }) => !resting.has(host.name));
  if (instances.some(({ host }) => viewOf(observed, host.name).kind === 'up')) {
    const stopped = startable.filter(({ host }) =>
      ['inactive', 'failed'].includes(reachable(observed, host.name)?.units.get(unit)?.activeState ?? ''),
    );
    if (stopped.length === 0) return undefined;
    return { ...shown(question), truth: 'what the members have that serve', stages: [startAll(stopped)] };
  }
  if (outageOf(instances, observed) === undefined) return undefined;
  const knowing = startable.filter(({ host }) => lastSeenBy(host.name, observed) !== undefined);
  const gone = instances.filter((instance) => !knowing.includes(instance));
  if (gone.length === 0) {
    return { ...shown(question), truth: 'what all have together', stages: [startAll(knowing)] };
  }
  const first = lastToStop(knowing, observed);
  if (first === undefined) return { ...shown(question), refusals: [nobodyKnows(instances)] };
  const missed = gone.filter(({ host }) => lastSeenBy(first.host.name, observed)?.includes(nodeName(host)));
  const unnamed = missed.filter(({ host }) => !without.includes(host.name));
  if (unnamed.length > 0) {
    return { ...shown(question), refusals: unnamed.map(({ host }) => mayHaveMore(host.name, observed)) };
  }
  const others = knowing.filter((instance) => instance !== first);
  return {
    ...shown(question),
    truth: `the queues as ${first.host.name} knows them, which stopped last`,
    losses: missed.map(
      ({ host: { name } }) => `messages that only ${name} has: should it return, they are put aside there`,
    ),
    beginsAnew: true,
    stages: [
      {
        title: 'Stop the members of RabbitMQ that wait',
        // One without data would make a cluster of its own.
        steps: startable.map(({ host }) => stopUnit(host.name, unit, 'stop RabbitMQ')),
      },
      { title: `Begin with RabbitMQ on ${first.host.name}`, steps: [beginAlone(first, missed)] },
      ...(others.length === 0 ? [] : [startAll(others)]),
    ],
  };
}

const nobodyKnows = (instances: readonly RabbitmqInstance[]): Refusal => ({
  kind: 'degraded',
  host: instances[0]?.host.name ?? '',
  message: 'no member of RabbitMQ that answers and may start has any data',
  hint: 'bring one of the others back',
});

const mayHaveMore = (host: string, observed: ObservedState): Refusal => ({
  kind: 'degraded',
  host,
  message: `${host} ${reachable(observed, host) === undefined ? 'does not answer' : 'has lost its data or is in maintenance'}: it may have messages that no other member of RabbitMQ has`,
  hint: `bring ${host} back, or go on without what it alone has: \`mcp recover --without ${host}\``,
});

/** Whoever saw the fewest others running stopped after them; of equals, the first in the inventory. */
const lastToStop = (
  instances: readonly RabbitmqInstance[],
  observed: ObservedState,
): RabbitmqInstance | undefined =>
  instances
    .flatMap((instance) => {
      const seen = lastSeenBy(instance.host.name, observed);
      return seen === undefined ? [] : [{ instance, seen: seen.length }];
    })
    .toSorted((one, other) => one.seen - other.seen)[0]?.instance;

const shown = ({ instances, observed }: RecoveryQuestion<RabbitmqSettings>): Recovery => ({
  evidence: {
    title: 'RabbitMQ',
    columns: ['host', 'broker', 'saw running'],
    rows: instances.map(({ host }) => [
      host.name,
      reachable(observed, host.name)?.units.get(unit)?.activeState ?? 'does not answer',
      lastSeenBy(host.name, observed)?.join(' ') ?? '',
    ]),
  },
  truth: undefined,
  losses: [],
  refusals: [],
  beginsAnew: false,
  stages: [],
});

const beginAlone = ({ host }: RabbitmqInstance, missed: readonly RabbitmqInstance[]): ScriptStep => ({
  host: host.name,
  title: 'begin without the others',
  timeoutSeconds: 240,
  script: programWith(withHeldUnits(beginAloneText), {
    values: {
      unit,
      data: dataFolder(host),
      environment: files.environment,
      mirroring: host.platform.rabbitmq.mirroring,
      given_up: missed.map(({ host: lost }) => nodeName(lost)).join(' '),
    },
  }),
});

const startAll = (instances: readonly RabbitmqInstance[]) => ({
  title: `Start RabbitMQ on ${instances.map(({ host }) => host.name).join(' and ')}`,
  steps: instances.map(
    ({ host }): ScriptStep => ({
      host: host.name,
      title: 'start RabbitMQ',
      timeoutSeconds: 450,
      script: programWith(withHeldUnits(startMemberText), { values: { unit } }),
    }),
  ),
});
