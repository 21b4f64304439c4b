import { createHmac } from 'node:crypto';
import type { FileChange, Plan } from '../model/plan.ts';
import type { Secret } from '../model/secret.ts';
import type { Step } from '../model/step.ts';

/** Version of every JSON that this program prints; a change that breaks readers raises it. */
export const jsonVersion = 1;

/**
 * A plan for machines: no content, no script, no secret. Hashes of files appear only when a key is given, and keyed,
 * so that what a file holds can't be guessed from them.
 */
export const planAsJson = (plan: Plan, hashKey?: Secret): object => ({
  type: 'plan',
  version: jsonVersion,
  cloud: plan.cloud,
  changes: plan.changes.map((change) => changeAsJson(change, hashKey)),
  batches: plan.batches.map(({ hosts, ...batch }) => ({
    ...batch,
    hosts: hosts.map(({ host, steps }) => ({ host, steps: steps.map(stepAsJson) })),
  })),
  refusals: plan.refusals,
  departures: plan.departures,
  missing: plan.missing,
});

function changeAsJson({ before, after, ...change }: FileChange, hashKey: Secret | undefined): object {
  if (!hashKey) return change;
  const keyed = (hash: string): string => createHmac('sha256', hashKey.reveal()).update(hash).digest('hex');
  return { ...change, before: before === undefined ? null : keyed(before), after: keyed(after) };
}

/** Without scripts and records: they say how, and a reader asks what. */
function stepAsJson(step: Step): object {
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
      return { kind: step.kind };
    case 'install-packages':
    case 'make-directory':
    case 'remove-files':
    case 'remove-data':
    case 'release':
      return step;
  }
}
