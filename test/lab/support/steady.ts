import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LabOf } from './mcp.ts';

/** What clients of one kind saw. */
interface SeenSeries {
  readonly name: string;
  readonly attempts: number;
  readonly failed: number;
  readonly outageMilliseconds: number;
  readonly secondOutageMilliseconds: number;
}

/** What clients saw while something was done to the lab. */
export interface Seen {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly series: readonly SeenSeries[];
  readonly rows: { readonly acknowledged: number; readonly lost: readonly unknown[] };
  readonly messages: { readonly confirmed: number; readonly lost: readonly unknown[] };
}

/**
 * Runs the drill's probe for some seconds, and `act` once it is in full swing. `act` must be over well before them, and
 * leave the lab on its way back to health: the probe waits for that, and then looks for every promise.
 */
export async function watchedWhile(lab: LabOf, seconds: number, act: () => Promise<void>): Promise<Seen> {
  const watching = lab.mcp('failover-drill', '--steady', String(seconds), '--json');
  await sleep(fullSwingMilliseconds);
  await act();
  const { stdout, output } = await watching;
  const summary = stdout.trim().split('\n').at(-1) ?? '';
  expect(summary, output).toContain('"type":"summary"');
  return JSON.parse(summary);
}

/** Start of the program, an observation of every host, and the probe's own preparations. */
const fullSwingMilliseconds = 12_000;

/**
 * Waits until `mcp status` is healthy again: what was broken comes back by itself. A look costs every host processor time
 * that one which boots needs for itself, and clients whom the others serve, so the pause after it grows with what it took.
 */
export async function awaitHealthy(lab: LabOf, withinSeconds: number): Promise<void> {
  const until = Date.now() + withinSeconds * 1000;
  for (;;) {
    const began = Date.now();
    const status = await lab.mcp('status');
    if (status.exitCode === 0) return;
    const now = Date.now();
    if (now > until) throw new Error(`not healthy within ${withinSeconds} s:\n${status.output}`);
    const pause = Math.max(shortestPauseMilliseconds, pausePerLook * (now - began));
    await sleep(Math.min(pause, Math.max(0, until - now)));
  }
}

/** A look at five hosts takes 2 to 4 s where nothing boots. */
const shortestPauseMilliseconds = 15_000;
/** Looks take a quarter of the time at most, also where there are eleven hosts or four that boot. */
const pausePerLook = 3;
