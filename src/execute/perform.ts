import { McpError } from '../model/failure.ts';
import type { Batch, HostPlan } from '../model/plan.ts';
import type { ScriptStep, Step } from '../model/step.ts';
import { armGuard } from './guard.ts';
import { type Relock, runRemotely } from './remote-script.ts';
import { type RunContext, runFolder, stopIfAsked } from './run-context.ts';
import { deadlineOf, scriptFor, titleOf } from './step-scripts.ts';

/** What performing needs beside the run itself. */
export interface Performing {
  readonly context: RunContext;
  readonly relock: Relock;
}

/** Performs a host's steps of a batch, one after the other, under a guard where one of them could cut us off. */
export async function performHost(batch: Batch, plan: HostPlan, performing: Performing): Promise<void> {
  const { context } = performing;
  stopIfAsked(context.signals);
  const guard = await armGuard(batch.id, plan, context);
  try {
    for (const [index, step] of plan.steps.entries()) {
      stopIfAsked(context.signals);
      await performStep(
        { batch: batch.id, host: plan.host, id: `${batch.id}-${index + 1}`, step },
        performing,
      );
    }
  } catch (failure) {
    if (guard && failure instanceof McpError && failure.code === 'command-failed') {
      await guard.undo();
      throw new McpError(
        'rolled-back',
        `${failure.message}\n${plan.host} has put its old files back`,
        failure.details,
      );
    }
    throw failure;
  }
  await guard?.confirm();
}

/** Performs parts of leaving, rejoining or settling, in their order; they may act on other hosts than the changed one. */
export async function performScripts(
  batch: number,
  label: string,
  { steps, performing }: { readonly steps: readonly ScriptStep[]; readonly performing: Performing },
): Promise<void> {
  for (const [index, { host, title, script, timeoutSeconds }] of steps.entries()) {
    await told({ batch, host, title }, performing, () =>
      runRemotely(
        { host, id: `${batch}-${label}-${index + 1}`, title, script, timeoutSeconds },
        performing.context,
        performing.relock,
      ),
    );
  }
}

interface PlacedStep {
  readonly batch: number;
  readonly host: string;
  readonly id: string;
  readonly step: Step;
}

function performStep({ batch, host, id, step }: PlacedStep, performing: Performing): Promise<void> {
  const { context, relock } = performing;
  const desired = context.desired.hosts.get(host);
  if (desired === undefined) throw new Error(`the plan names ${host}, which nothing describes`);
  const place = { state: context.paths.state, folder: runFolder(context), desired };
  const title = titleOf(step);
  return told({ batch, host, title }, performing, () =>
    runRemotely(
      { host, id, title, script: scriptFor(step, place), timeoutSeconds: deadlineOf(step) },
      context,
      relock,
    ),
  );
}

interface Announced {
  readonly batch: number;
  readonly host: string;
  readonly title: string;
}

/** Tells that something begins, and how it ended. */
async function told(what: Announced, { context }: Performing, act: () => Promise<void>): Promise<void> {
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
