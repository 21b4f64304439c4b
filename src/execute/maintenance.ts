import { everythingIn, narrowed, type SortedFindings } from '../model/cause.ts';
import type { Found } from '../model/check.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Batch } from '../model/plan.ts';
import { carriedBy, type Service } from '../model/service.ts';
import { type Instance, instancesOf } from '../model/topology.ts';
import { passGate } from './gate.ts';
import { gateRules } from './gate-rules.ts';
import { join, leave, noteLeft, settle } from './hand-over.ts';
import { takeTurns } from './in-turn.ts';
import type { Acting } from './own-lock.ts';
import { performScripts } from './perform.ts';
import { asRun, type RolloutRequest } from './rollout.ts';
import { participants, type RunContext, stopIfAsked } from './run-context.ts';

/**
 * Has everything leave `host`, marks on its disk that nothing may come back, and waits until nobody would notice its end.
 * All hosts have it on record before anything leaves: should this be cut off, whoever comes next leaves the host alone,
 * and repeating it completes it. Throws the McpError that it has told as `rollout-halted`.
 */
export const enterMaintenance = (request: RolloutRequest, host: string): Promise<void> =>
  asRun(request, participants, async (performing, touched) => {
    const { context } = performing;
    const turns = takeTurns(performing);
    const closing = whatKeepsIn(host, context);
    await passGate(
      { batch: 1, when: 'before', deadlineSeconds: 60, times: 1, closing: closing.others },
      context,
    );
    const [opening, ...leaving] = context.plan.batches;
    if (opening !== undefined) await turns.take(opening, () => turns.begin(context.plan.intent));
    for (const batch of leaving) {
      await turns.take(batch, async () => {
        touched.add(host);
        await leave(batch, performing);
        await rest(batch, performing);
      });
    }
    await passGate({ ...lastGate, closing: closing.all }, context);
  });

/**
 * Lets everything come back to `host`. The record says so once the marks are gone, and before anything returns: what an
 * early end leaves undone, the next deploy does, as after any run that was cut off.
 */
export const leaveMaintenance = (request: RolloutRequest, host: string): Promise<void> =>
  asRun(request, participants, async (performing, touched) => {
    const { context } = performing;
    const turns = takeTurns(performing);
    await turns.begin(undefined);
    const [opening, ...returning] = context.plan.batches;
    if (opening !== undefined) {
      await turns.take(opening, async () => {
        touched.add(host);
        await wake(host, opening, performing);
        await turns.begin(context.plan.intent);
      });
    }
    for (const batch of returning) {
      await turns.take(batch, async () => void (await join(batch, performing)));
    }
    stopIfAsked(context.signals);
    const settled = await settle(performing);
    await passGate({ ...lastGate, closing: gateRules(context).closingAtEnd }, context, settled);
  });

/** Queues get other copies meanwhile, and APIs are warmed. */
const lastGate = { batch: 0, when: 'after', deadlineSeconds: 300, times: 2 } as const;

/** What is red without the host, and what the host is still needed for. */
function whatKeepsIn(host: string, context: RunContext) {
  const { plan, services, topology } = context;
  const away = { host, kind: 'maintenance', reason: '', capacity: [] } as const;
  const rules = gateRules({ ...context, plan: { ...plan, missing: [...plan.missing, away] } });
  const withHost = gateRules(context);
  const check = { name: 'cloud.maintenance', service: 'maintenance' };
  const carried = (observed: ObservedState): readonly Found[] =>
    carriedBy(host, services, topology, observed).map((what) => ({
      check,
      finding: { severity: 'red', hosts: [host], message: `still ${what}` },
    }));
  return {
    /** Only what is wrong with the host and without it: what it carries would be missed, and is yet to be handed over. */
    others(observed: ObservedState): SortedFindings {
      const now = new Set(everythingIn(withHost.closingAtEnd(observed)).map(wordsOf));
      return narrowed(rules.closingAtEnd(observed), (found) => now.has(wordsOf(found)));
    },
    all(observed: ObservedState): SortedFindings {
      const { causes, others } = rules.closingAtEnd(observed);
      return { causes, others: [...others, ...carried(observed)] };
    },
  };
}

const wordsOf = ({ check, finding }: Found): string => `${check.name} ${finding.message}`;

/** Marks what has left, in both ways: to be brought back one day, and to take no work until then. */
async function rest(batch: Batch, performing: Acting): Promise<void> {
  const { services, topology } = performing.context;
  const service = services.find(({ name }) => name === batch.service);
  const out = instancesOf(topology, batch.service).filter(({ host }) =>
    batch.hosts.some((each) => each.host === host.name),
  );
  for (const instance of out) {
    await noteLeft(instance, performing);
    if (service?.rest === undefined) continue;
    const script = service.rest.mark(instance);
    await performScripts(batch.id, `rest-${service.name}`, {
      steps: [stepOn(instance, `keep ${service.title} at rest`, script)],
      performing,
    });
  }
}

/** Takes every mark off the host. */
async function wake(host: string, batch: Batch, performing: Acting): Promise<void> {
  const { services, topology } = performing.context;
  const steps = services.flatMap((service) => wakeSteps(service, instancesOf(topology, service.name), host));
  await performScripts(batch.id, 'wake', { steps, performing });
}

const wakeSteps = ({ title, rest }: Service, instances: readonly Instance[], host: string) =>
  rest === undefined
    ? []
    : instances
        .filter((instance) => instance.host.name === host)
        .map((instance) => stepOn(instance, `${title} may work again`, rest.unmark(instance)));

const stepOn = ({ host }: Instance, title: string, script: string) => ({
  host: host.name,
  title,
  script,
  // What Debian's mariadb.service gives a database to write out what it has in memory; nothing else takes as long.
  timeoutSeconds: 900,
});
