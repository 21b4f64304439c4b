import { McpError } from '../model/failure.ts';
import type { Batch, HostPlan } from '../model/plan.ts';
import type { ScriptStep, Step } from '../model/step.ts';
import { titleOf } from '../model/step-title.ts';
import { armGuard, type Guard, guardedSpan } from './guard.ts';
import type { Acting } from './own-lock.ts';
import { runRemotely } from './remote-script.ts';
import { runFolder, stopIfAsked } from './run-context.ts';
import { deadlineOf, scriptFor } from './step-scripts.ts';

/**
 * Performs a host's steps of a batch, one after the other, those that could cut it off under a guard. Resolves with that:
 * it stays armed until the gate after the batch has been passed.
 */
export async function performHost(
  batch: Batch,
  plan: HostPlan,
  { gateSeconds, ...performing }: Acting & { readonly gateSeconds: number },
): Promise<Guard | undefined> {
  const { context } = performing;
  const span = guardedSpan(plan, context);
  let guard: Guard | undefined;
  for (const [index, step] of plan.steps.entries()) {
    // Not while a guard is armed: its host would undo what we were asked to finish.
    if (guard === undefined) stopIfAsked(context.signals);
    if (index === span?.first) guard = await armGuard({ id: batch.id, gateSeconds }, plan, performing);
    const placed = { batch: batch.id, host: plan.host, id: `${batch.id}-${index + 1}`, step, guard };
    await performStep(placed, performing).catch((failure: unknown) => undone(failure, guard, plan.host));
    if (index === span?.last) await guard?.prove();
  }
  return guard;
}

/** A guarded step that failed is undone at once; when nothing can be known of it, its host will see to it. */
async function undone(failure: unknown, guard: Guard | undefined, host: string): Promise<never> {
  if (guard === undefined || !(failure instanceof McpError) || failure.code !== 'command-failed')
    throw failure;
  await guard.undo();
  throw new McpError(
    'rolled-back',
    `${failure.message}\n${host} has put its old files back`,
    failure.details,
  );
}

/** Performs parts of leaving, rejoining or settling, in their order; they may act on other hosts than the changed one. */
export async function performScripts(
  batch: number,
  label: string,
  { steps, performing }: { readonly steps: readonly ScriptStep[]; readonly performing: Acting },
): Promise<void> {
  for (const [index, { host, title, script, timeoutSeconds }] of steps.entries()) {
    await told({ batch, host, title }, performing, () =>
      runRemotely({ host, id: `${batch}-${label}-${index + 1}`, title, script, timeoutSeconds }, performing),
    );
  }
}

interface PlacedStep {
  readonly batch: number;
  readonly host: string;
  readonly id: string;
  readonly step: Step;
  readonly guard: Guard | undefined;
}

function performStep({ batch, host, id, step, guard }: PlacedStep, performing: Acting): Promise<void> {
  const { context } = performing;
  const desired = context.desired.hosts.get(host);
  if (desired === undefined) throw new Error(`the plan names ${host}, which nothing describes`);
  const place = { paths: context.paths, folder: runFolder(context), desired };
  const title = titleOf(step);
  const script = scriptFor(step, place);
  return told({ batch, host, title }, performing, () =>
    runRemotely(
      { host, id, title, script: guard?.whileArmed(script) ?? script, timeoutSeconds: deadlineOf(step) },
      performing,
    ),
  );
}

interface Announced {
  readonly batch: number;
  readonly host: string;
  readonly title: string;
}

/** Tells that something begins, and how it ended. */
async function told(what: Announced, { context }: Acting, act: () => Promise<void>): Promise<void> {
  const { emit, clock } = context;
  const began = clock.now();
  emit({ type: 'step-started', ...what });
  try {
    await act();
  } catch (failure) {
    if (failure instanceof McpError) emit({ type: 'step-failed', ...what, failure });
    throw failure;
  }
  emit({ type: 'step-finished', ...what, seconds: (clock.now() - began) / 1000 });
}
