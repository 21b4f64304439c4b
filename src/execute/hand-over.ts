import { McpError } from '../model/failure.ts';
import { leftRecord, reachable } from '../model/observed.ts';
import type { Batch } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { departuresFrom, staged } from '../model/stage.ts';
import { unitsActedOn } from '../model/step.ts';
import { type Instance, instancesOf, type Topology } from '../model/topology.ts';
import { quote } from '../model/transport.ts';
import { lookNow, type Seen } from './gate.ts';
import { countsAt, mayHoldAt } from './moments.ts';
import { type Acting, runLocked } from './own-lock.ts';
import { performScripts } from './perform.ts';
import type { RunContext } from './run-context.ts';

/**
 * Has the members of a batch hand their work to the others, resolved from what is so at this moment. A record on the
 * host says so first: should this run end before they rejoin, the next one sees to it. `latest`: what was seen right before,
 * with nothing done since: another look would be a third of all that a change asks of busy hosts.
 */
export async function leave(batch: Batch, performing: Acting, latest?: Seen): Promise<void> {
  const { context } = performing;
  let seen = latest;
  for (const { service, instance, units } of members(batch, context.topology, performing)) {
    if (service.leave === undefined) continue;
    seen = await seeing(instance, context, seen);
    const steps = service.leave(instance, heirsOf(instance, batch, context), seen.observed, units);
    if (steps.length === 0) continue;
    seen = undefined;
    await noteLeft(instance, performing);
    await performScripts(batch.id, `leave-${instance.host.name}`, { steps, performing });
  }
}

/** Says on the host that a service has left it: whoever acts on it next brings it back. */
export const noteLeft = (instance: Instance, performing: Acting): Promise<void> =>
  mark(
    instance,
    performing,
    (file) => `printf 'restart=%s\\nreload=\\n' ${quote(performing.context.run)} >${file}`,
  );

/** The cloud as it is now, with the one that hands over and without others that leave: they are no heirs. */
function heirsOf({ host }: Instance, batch: Batch, context: RunContext): Topology {
  const { topology, wanted } = context;
  const moment = { kind: 'before', batch: batch.id } as const;
  const counts = countsAt(moment, context);
  const departing = departuresFrom(topology, wanted);
  return staged(
    topology,
    (service, name) =>
      name === host.name ||
      (counts(service, name) &&
        departing.every((instance) => instance.service !== service || instance.host.name !== name)),
    { mayHold: mayHoldAt(moment, context) },
  );
}

/** Tells those who stay, on one of them, that the members of a batch are gone. */
export async function forget(batch: Batch, performing: Acting): Promise<void> {
  const { context } = performing;
  const service = context.services.find(({ name }) => name === batch.service);
  const staying = instancesOf(context.wanted, batch.service);
  const gone = instancesOf(context.topology, batch.service).filter(({ host }) =>
    batch.leaving.includes(host.name),
  );
  for (const instance of gone) {
    if (service?.forget !== undefined && staying.length > 0) {
      const { observed } = await lookNow(context);
      const steps = service.forget(instance, staying, observed);
      await performScripts(batch.id, `forget-${instance.host.name}`, { steps, performing });
    }
    const stays = batch.hosts.some(({ host }) => host === instance.host.name);
    if (stays) await mark(instance, performing, (file) => `rm -f -- ${file}`);
  }
}

/**
 * Brings them back, and says so. Only reached when every step of the batch was done: what failed is not re-admitted.
 * Resolves with what was seen last, where nothing was done since.
 */
export async function join(batch: Batch, performing: Acting): Promise<Seen | undefined> {
  const { context } = performing;
  let seen: Seen | undefined;
  // As they are wanted: a host that has given a part of it up does not come back with that.
  for (const { service, instance } of members(batch, context.wanted, performing)) {
    seen = await seeing(instance, context, seen);
    const { observed } = seen;
    const hasLeft = reachable(observed, instance.host.name)?.records.has(leftRecord(service.name)) === true;
    if (!batch.disruptive && !hasLeft) continue;
    const steps = service.join?.(instance, context.wanted, observed) ?? [];
    if (steps.length > 0 || hasLeft) seen = undefined;
    await performScripts(batch.id, `join-${instance.host.name}`, { steps, performing });
    if (hasLeft) await mark(instance, performing, (file) => `rm -f -- ${file}`);
  }
  return seen;
}

/**
 * What is done at the end of a run: VIPs spread over their candidates again. Resolves with what was seen last, where
 * nothing was done since.
 */
export async function settle(performing: Acting): Promise<Seen | undefined> {
  const { services, plan } = performing.context;
  const topology = presentOnly(performing.context);
  const last = plan.batches.length;
  let seen: Seen | undefined;
  for (const service of services) {
    const instances = instancesOf(topology, service.name);
    if (service.settle === undefined || instances.length === 0) continue;
    seen ??= await lookNow(performing.context);
    const steps = service.settle(instances, topology, seen.observed);
    if (steps.length > 0) seen = undefined;
    // Should this end between a hand-over and what allows it again, the next run sees to it.
    const acted = instances.filter(({ host }) => steps.some((step) => step.host === host.name));
    for (const instance of acted) await noteLeft(instance, performing);
    await performScripts(last, `settle-${service.name}`, { steps, performing });
    for (const instance of acted) await mark(instance, performing, (file) => `rm -f -- ${file}`);
  }
  return seen;
}

/**
 * The latest look if it sees who leaves or comes back, or a fresh one that does: a host that was not seen would seem to
 * have nothing to hand over and nothing that has left, and would be neither drained nor brought back. A connection that
 * was cut is opened again; throws the McpError of the last look where that does not help.
 */
async function seeing({ host }: Instance, context: RunContext, latest: Seen | undefined): Promise<Seen> {
  const { clock, signals } = context;
  const until = clock.now() + backSeconds * 1000;
  for (let seen = latest; ; seen = undefined) {
    seen ??= await lookNow(context);
    const observation = seen.observed.hosts.get(host.name);
    if (observation?.kind !== 'unreachable') return seen;
    if (clock.now() > until) throw observation.failure;
    await clock.sleep(1000, signals.hard);
  }
}

/** As long as a gate waits before a change. */
const backSeconds = 60;

/** As the inventory has it, without hosts that may be missing. */
const presentOnly = (context: RunContext): Topology =>
  staged(context.wanted, countsAt({ kind: 'end' }, context));

interface Member {
  readonly service: Service;
  readonly instance: Instance;
  /** What the batch acts on. */
  readonly units: ReadonlySet<string>;
}

function members(batch: Batch, topology: Topology, { context }: Acting): readonly Member[] {
  const service = context.services.find(({ name }) => name === batch.service);
  if (service === undefined) return [];
  const instances = instancesOf(topology, service.name);
  return batch.hosts.flatMap(({ host, steps }) =>
    instances
      .filter((instance) => instance.host.name === host)
      .map((instance) => ({ service, instance, units: unitsActedOn(steps) })),
  );
}

async function mark(
  { host, service }: Instance,
  acting: Acting,
  command: (file: string) => string,
): Promise<void> {
  const { state } = acting.context.paths;
  const file = quote(`${state}/units/${leftRecord(service)}`);
  const { exitCode, stderr } = await runLocked(
    host.name,
    `${command(file)} && sync ${quote(`${state}/units`)}`,
    { acting, timeoutSeconds: 20, title: `note that ${service} leaves or is back` },
  );
  if (exitCode === 0) return;
  throw new McpError(
    'command-failed',
    `${host.name}: it can't be noted there what has left: ${stderr.trim()}`,
    {
      host: host.name,
      hint: 'look at free space below /var/lib/mcp, then run the same command again',
    },
  );
}
