import pLimit from 'p-limit';
import { everythingIn } from '../model/cause.ts';
import { McpError } from '../model/failure.ts';
import { causesAsLines, everythingAsLines } from '../model/finding-lines.ts';
import type { Batch } from '../model/plan.ts';
import type { Validator } from '../model/probe.ts';
import { beginningOrder, beginOn } from './begin.ts';
import { observeNow, passGate, type Seen } from './gate.ts';
import { type GateRules, gateRules } from './gate-rules.ts';
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
    await onEach(hosts, (host) => beginOn(host, performing));
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

/** `latest`: what the gate before saw, where nothing was done since. Resolves with what the last gate saw. */
async function rollOutBatch(
  batch: Batch,
  rolling: Rolling,
  latest: Seen | undefined,
): Promise<Seen | undefined> {
  const { context } = rolling.performing;
  const began = context.clock.now();
  if (acts(batch)) await passGate(gateOf(batch, 'before', rolling), context, latest);
  context.emit({ type: 'batch-started', batch, total: context.plan.batches.length });
  let changed: Seen | undefined;
  try {
    changed = await change(batch, rolling);
  } catch (failure) {
    throw await judged(failure, batch, rolling);
  }
  await validateWaiting(batch, rolling);
  const seen = acts(batch) ? await passGate(gateOf(batch, 'after', rolling), context, changed) : undefined;
  context.emit({ type: 'batch-finished', batch: batch.id, seconds: (context.clock.now() - began) / 1000 });
  return seen;
}

/** Resolves with what was seen after it, where nothing was done since. */
async function change(batch: Batch, { performing, touched }: Rolling): Promise<Seen | undefined> {
  if (batch.disruptive || batch.leaving.length > 0) await leave(batch, performing);
  await onEach(batch.hosts, (plan) => {
    touched.add(plan.host);
    return performHost(batch, plan, performing);
  });
  if (batch.leaving.length > 0) {
    await forget(batch, performing);
    return undefined;
  }
  return acts(batch) ? await join(batch, performing) : undefined;
}

/** Whether a daemon or its data is touched, or a host comes back that had left: what gates are for. */
const acts = ({ hosts, leaving }: Batch): boolean =>
  leaving.length > 0 ||
  hosts.some(({ steps }) => steps.length === 0 || steps.some(({ kind }) => acting.has(kind)));

const acting: ReadonlySet<string> = new Set(['unit', 'bootstrap', 'task']);

function gateOf(batch: Batch, when: 'before' | 'after', { performing, rules }: Rolling) {
  const service = performing.context.services.find(({ name }) => name === batch.service);
  return {
    batch: batch.id,
    when,
    deadlineSeconds: when === 'before' ? 60 : (service?.gateSeconds ?? 120),
    times: when === 'before' ? 1 : 2,
    closing: (now: Parameters<GateRules['closing']>[0]) => rules.closing(now, batch, when),
  };
}

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
