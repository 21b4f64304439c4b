import { expect } from 'vitest';
import type { LabOf } from './mcp.ts';

/** A trial as `failover-drill --json` tells it. */
export interface Trial {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly measured?: {
    readonly rows: { readonly acknowledged: number; readonly lost: readonly unknown[] };
    readonly messages: { readonly confirmed: number; readonly lost: readonly unknown[] };
  };
}

/** Drills one fault and returns its trials. */
export async function trialsOf(
  lab: LabOf,
  fault: string,
  ...words: readonly string[]
): Promise<readonly Trial[]> {
  const { stdout, output } = await lab.mcp('failover-drill', fault, '--json', ...words);
  console.log(output);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'trial-finished')
    .map(({ result }) => result);
}

/** Nothing promised is lost, and every outage is within its budget where this machine could tell. */
export function expectBudgetsKept({ verdict, reasons, measured }: Trial): void {
  if (measured === undefined) throw new Error(`nothing was measured: ${reasons.join('; ')}`);
  expect([measured.rows.lost, measured.messages.lost]).toEqual([[], []]);
  expect(measured.rows.acknowledged).toBeGreaterThan(100);
  expect(measured.messages.confirmed).toBeGreaterThan(100);
  if (verdict === 'INVALID') {
    // A machine that stands still itself can't say how long the cluster did. Nothing else may be the doubt.
    for (const reason of reasons) expect(reason).toMatch(/too busy to measure|could not keep its schedule/);
    return;
  }
  expect(verdict, reasons.join('; ')).toBe('PASS');
}
