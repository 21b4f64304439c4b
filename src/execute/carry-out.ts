import pLimit from 'p-limit';
import { everythingIn } from '../model/cause.ts';
import { McpError } from '../model/failure.ts';
import { causesAsLines, everythingAsLines } from '../model/finding-lines.ts';
import { leftRecord, reachable } from '../model/observed.ts';
import type { Batch } from '../model/plan.ts';
import type { Validator } from '../model/probe.ts';
import { beginningOrder, beginOn } from './begin.ts';
import { observeNow, passGate, type Seen } from './gate.ts';
import { type GateRules, gateRules } from './gate-rules.ts';
import type { Guard } from './guard.ts';
import { forget, join, leave, settle } from './hand-over.ts';
import { hostsAtOnce } from './hosts-at-once.ts';
import { onEach } from './on-each.ts';
import type { Acting } from './own-lock.ts';
import { performHost } from './perform.ts';
import { type RunContext, stopIfAsked } from './run-context.ts';
import { stageFiles } from './stage.ts';
import { validateOn, validatorsOf } from './validate.ts';

/** The body of a rollout. Notes in `touched` each host that a step was begun on. */
export async function carryOut(performing: Acting, touched: Set<string>): Promise<void> {
  const { context, locks } = performing;
  const { plan, observed } = context;
  const changing = [...new Set(plan.batches.flatMap(({ hosts }) => hosts.map(({ host }) => host)))];
  await onEach(changing, (host) => stageFiles(host, context));
  const waiting = await validateAll(changing, context);
  for (const hosts of beginningOrder(changing, observed))
    await onEach(hosts, (host) => beginOn(host, performing, changing));
  const rules = gateRules(context);
  let latest: Seen | undefined;
  for (const batch of plan.batches) {
    stopIfAsked(context.signals);
    await locks.renew();
    latest = await rollOutBatch(batch, { performing, rules, waiting, touched }, latest);
  }
  stopIfAsked(context.signals);
  const settled = await settle(performing);
  await passGate(
    { batch: 0, when: 'after', deadlineSeconds: 120, times: 2, closing: rules.closingAtEnd },
    context,
    settled,
  );
}

interface Rolling {
  readonly performing: Acting;
  readonly rules: GateRules;
  /** Checkers that wait for their program, by host. */
  readonly waiting: Map<string, readonly Validator[]>;
  readonly touched: Set<string>;
}

/** `before`: what its gate saw right now; undefined where it has none. */
interface Changing extends Rolling {
  readonly before: Seen | undefined;
}

/** `latest`: what the gate before saw, where nothing was done since. Resolves with what the last gate saw. */
async function rollOutBatch(
  batch: Batch,
  rolling: Rolling,
  latest: Seen | undefined,
): Promise<Seen | undefined> {
  const { context } = rolling.performing;
  const began = context.clock.now();
  const before = acts(batch, context)
    ? await passGate(gateOf(batch, 'before', rolling), context, latest)
    : undefined;
  context.emit({ type: 'batch-started', batch, total: context.plan.batches.length });
  const guards: Guard[] = [];
  const seen = await changeAndJudge(batch, { ...rolling, before }, guards).catch((failure: unknown) =>
    takenBack(failure, guards, batch, rolling),
  );
  // The gate is the proof: the members see each other, the VIPs answer, new connections are let in.
  await callOffAll(guards);
  context.emit({ type: 'batch-finished', batch: batch.id, seconds: (context.clock.now() - began) / 1000 });
  return seen;
}

async function changeAndJudge(batch: Batch, rolling: Changing, guards: Guard[]): Promise<Seen | undefined> {
  const { context } = rolling.performing;
  let changed: Seen | undefined;
  try {
    changed = await change(batch, rolling, guards);
  } catch (failure) {
    throw await judged(failure, batch, rolling);
  }
  await validateWaiting(batch, rolling);
  if (!acts(batch, context)) return undefined;
  const gate = gateOf(batch, 'after', rolling);
  const couldCutOff = guards.length > 0 && !rolling.rules.isFresh(batch.service);
  return passGate({ ...gate, greenSeconds: couldCutOff ? settledSeconds : 0 }, context, changed);
}

/** Where one is undone after all, the others keep the change; whoever is told must know which. */
async function callOffAll(guards: readonly Guard[]): Promise<void> {
  const kept: string[] = [];
  await onEach(guards, async (guard) => {
    await guard.callOff();
    kept.push(guard.host);
  }).catch((failure: unknown) => {
    if (!(failure instanceof McpError) || kept.length === 0) throw failure;
    throw new McpError(
      failure.code,
      `${failure.message}\n${kept.join(', ')} keep the change`,
      failure.details,
    );
  });
}

/** Whoever is cut off is missed after this: Galera's members and RabbitMQ's by then, and load balancers long before. */
const settledSeconds = 8;

/** What the cloud is not well with does not stay: each host that is still guarded puts its old files back. */
async function takenBack(
  failure: unknown,
  guards: readonly Guard[],
  batch: Batch,
  { performing: { context }, rules }: Rolling,
): Promise<never> {
  if (guards.length === 0 || !(failure instanceof McpError) || context.signals.hard.aborted) throw failure;
  const outcomes = await Promise.all(
    guards.map(async (guard) => ({
      host: guard.host,
      isUndone: await guard.undo().then(
        () => true,
        () => false,
      ),
    })),
  );
  const words = outcomes.map(({ host, isUndone }) =>
    isUndone
      ? `${host} has put its old files back`
      : `${host} puts its old files back by itself, within minutes`,
  );
  const isBack = outcomes.every(({ isUndone }) => isUndone) && (await isWellAgain(batch, context, rules));
  const code = failure.code === 'interrupted' ? failure.code : isBack ? 'rolled-back' : 'degraded';
  throw new McpError(code, `${failure.message}\n${words.join('\n')}`, failure.details);
}

/** Looks again for a while: members that were cut off need a moment to be back. */
async function isWellAgain(batch: Batch, context: RunContext, rules: GateRules): Promise<boolean> {
  const { clock, signals } = context;
  const until = clock.now() + wellAgainSeconds * 1000;
  for (;;) {
    if (everythingIn(rules.closing(await observeNow(context), batch, 'after')).length === 0) return true;
    if (clock.now() > until) return false;
    await clock.sleep(1000, signals.hard);
  }
}

const wellAgainSeconds = 60;

/** Resolves with what was seen after it, where nothing was done since. */
async function change(
  batch: Batch,
  { performing, touched, before }: Changing,
  guards: Guard[],
): Promise<Seen | undefined> {
  const gateSeconds = gateSecondsOf(batch, performing.context);
  if (batch.disruptive || batch.leaving.length > 0) await leave(batch, performing, before);
  await onEach(batch.hosts, async (plan) => {
    touched.add(plan.host);
    const guard = await performHost(batch, plan, { ...performing, gateSeconds });
    if (guard !== undefined) guards.push(guard);
  });
  if (batch.leaving.length > 0) {
    await forget(batch, performing);
    return undefined;
  }
  return acts(batch, performing.context) ? await join(batch, performing) : undefined;
}

/**
 * Whether a daemon or its data is touched, or a host comes back that had left: what gates are for. Where an earlier run
 * has failed and its change is taken out again, nothing but files may be due on a host that is still out.
 */
const acts = ({ service, hosts, leaving }: Batch, { observed }: RunContext): boolean =>
  leaving.length > 0 ||
  hosts.some(
    ({ host, steps }) =>
      steps.length === 0 ||
      steps.some(({ kind }) => acting.has(kind)) ||
      reachable(observed, host)?.records.has(leftRecord(service)) === true,
  );

const acting: ReadonlySet<string> = new Set(['unit', 'bootstrap', 'task']);

/**
 * After a change it must be well twice in a row. Once is enough where nobody depends on the service yet: gates before what
 * is built on it look at it again, and so does the last one, twice.
 */
function gateOf(batch: Batch, when: 'before' | 'after', { performing, rules }: Rolling) {
  return {
    batch: batch.id,
    when,
    deadlineSeconds: when === 'before' ? 60 : gateSecondsOf(batch, performing.context),
    times: when === 'before' || rules.isFresh(batch.service) ? 1 : 2,
    closing: (now: Parameters<GateRules['closing']>[0]) => rules.closing(now, batch, when),
  };
}

const gateSecondsOf = ({ service }: Batch, { services }: RunContext): number =>
  services.find(({ name }) => name === service)?.gateSeconds ?? 120;

/** A step that failed may have left the cluster well or not; whoever is told must know which. */
async function judged(failure: unknown, batch: Batch, { performing, rules }: Rolling): Promise<unknown> {
  const { context } = performing;
  const failed =
    failure instanceof McpError && (failure.code === 'command-failed' || failure.code === 'connection-lost');
  if (!failed || context.signals.hard.aborted) return failure;
  const wrong = rules.closing(await observeNow(context), batch, 'after');
  if (everythingIn(wrong).length === 0) return failure;
  return new McpError(
    'degraded',
    `${failure.message}\nand the cluster is not well:\n${causesAsLines(wrong).join('\n')}`,
    { ...failure.details, findings: everythingAsLines(wrong) },
  );
}

async function validateAll(
  hosts: readonly string[],
  context: RunContext,
): Promise<Map<string, readonly Validator[]>> {
  const waiting = new Map<string, readonly Validator[]>();
  const inTurn = pLimit(hostsAtOnce(context.topology));
  await onEach(hosts, (host) =>
    inTurn(async () => {
      waiting.set(host, await validateOn(host, validatorsOf(host, context), context));
    }),
  );
  return waiting;
}

/** Checkers whose program has just been installed are asked before any file that they judge is put in place. */
async function validateWaiting(batch: Batch, { performing, waiting }: Rolling): Promise<void> {
  const installed = batch.hosts.filter(({ steps }) => steps.some(({ kind }) => kind === 'install-packages'));
  await onEach(installed, async ({ host }) => {
    waiting.set(host, await validateOn(host, waiting.get(host) ?? [], performing.context));
  });
}
