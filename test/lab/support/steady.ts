import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LabOf } from './mcp.ts';

/** What clients saw while something was done to the lab. */
export interface Seen {
  readonly series: readonly {
    readonly name: string;
    readonly attempts: number;
    readonly failed: number;
    readonly outageMilliseconds: number;
    readonly secondOutageMilliseconds: number;
  }[];
  readonly rows: { readonly acknowledged: number; readonly lost: readonly unknown[] };
  readonly messages: { readonly confirmed: number; readonly lost: readonly unknown[] };
}

/** Runs the drill's probe for some seconds while `act` does its worst; nothing about the outcome is judged here. */
export async function watchedWhile(lab: LabOf, seconds: number, act: () => Promise<void>): Promise<Seen> {
  const watching = lab.mcp('failover-drill', '--steady', String(seconds), '--json');
  // The probe first makes sure that everything is well, and takes a while to be in full swing.
  await sleep(12_000);
  await act();
  const { stdout, output } = await watching;
  const summary = stdout.trim().split('\n').at(-1) ?? '';
  expect(summary, output).toContain('"type":"summary"');
  return JSON.parse(summary);
}

/** Waits until `mcp status` is healthy again: what was broken comes back by itself. */
export async function awaitHealthy(lab: LabOf, withinSeconds: number): Promise<void> {
  const until = Date.now() + withinSeconds * 1000;
  for (;;) {
    const status = await lab.mcp('status');
    if (status.exitCode === 0) return;
    if (Date.now() > until) throw new Error(`not healthy within ${withinSeconds} s:\n${status.output}`);
    await sleep(2000);
  }
}
