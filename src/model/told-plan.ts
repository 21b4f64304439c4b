import type { Batch, HostPlan, Plan } from './plan.ts';
import type { Step } from './step.ts';

/**
 * What a plan would do, without how: no script and no record. To be shown and saved: hashes of files are in it, for
 * whoever passes it on to key or to leave out.
 */
export interface ToldPlan extends Pick<Plan, 'cloud' | 'changes' | 'refusals' | 'departures' | 'missing'> {
  readonly batches: readonly ToldBatch[];
}

export interface ToldBatch extends Omit<Batch, 'hosts'> {
  readonly hosts: readonly ToldHostPlan[];
}

export interface ToldHostPlan extends Pick<HostPlan, 'host'> {
  readonly steps: readonly ToldStep[];
}

export type ToldStep =
  | Extract<
      Step,
      { kind: 'install-packages' | 'make-directory' | 'remove-files' | 'remove-data' | 'release' }
    >
  | Omit<Extract<Step, { kind: 'swap-files' }>, 'forgets'>
  | Omit<Extract<Step, { kind: 'unit' }>, 'record'>
  | Omit<Extract<Step, { kind: 'bootstrap' }>, 'script' | 'record'>
  | Omit<Extract<Step, { kind: 'task' }>, 'script' | 'fingerprint'>
  | { readonly kind: 'record-membership'; readonly membership: { readonly members: readonly Named[] } };

interface Named {
  readonly name: string;
}

export function toldPlan({ cloud, changes, batches, refusals, departures, missing }: Plan): ToldPlan {
  return {
    cloud,
    changes,
    batches: batches.map((batch) => ({
      ...batch,
      hosts: batch.hosts.map(({ host, steps }) => ({ host, steps: steps.map(toldStep) })),
    })),
    refusals,
    departures,
    missing,
  };
}

function toldStep(step: Step): ToldStep {
  switch (step.kind) {
    case 'unit':
      return { kind: step.kind, unit: step.unit, action: step.action };
    case 'bootstrap':
      return { kind: step.kind, unit: step.unit, title: step.title };
    case 'task':
      return { kind: step.kind, name: step.name, title: step.title };
    case 'swap-files':
      return { kind: step.kind, paths: step.paths };
    case 'record-membership':
      return {
        kind: step.kind,
        membership: { members: step.membership.members.map(({ name }) => ({ name })) },
      };
    case 'install-packages':
    case 'make-directory':
    case 'remove-files':
    case 'remove-data':
    case 'release':
      return step;
  }
}
