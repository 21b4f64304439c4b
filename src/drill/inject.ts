import { McpError } from '../model/failure.ts';
import { type Act, type Blow, type Fault, hostsOf, type Strike } from '../model/fault.ts';
import type { DrillContext } from './context.ts';
import { allOf, plugsFor } from './healing.ts';

export interface Injection {
  readonly fault: Fault;
  readonly strike: Strike;
  /** When what is armed undoes it, milliseconds of the drill's clock: nothing may be broken after that. */
  readonly healsAt: number;
}

/** Breaks it, all at once or host by host. A connection that dies of it is what a fault may do; a script that refuses is not. */
export async function injectFault(injection: Injection, context: DrillContext): Promise<void> {
  const { fault, strike } = injection;
  if (strike.falls === 'in-turn') {
    for (const blow of strike.blows) {
      context.signal.throwIfAborted();
      await deal(blow, injection, context);
    }
    return;
  }
  // All plugs are pulled by one hand: one after the other, the first would be back before the last is out.
  if (fault.kind === 'power-cut') return plugsFor(fault, context).cut(hostsOf(strike));
  await allOf(strike.blows.map((blow) => deal(blow, injection, context)));
}

async function deal({ host, act }: Blow, injection: Injection, context: DrillContext): Promise<void> {
  const { fault, healsAt } = injection;
  const left = (healsAt - context.clock.now()) / 1000 - spareSeconds;
  if (left <= 0) throw notBroken(fault, host, 'the others took so long that healing is due');
  switch (act.kind) {
    case 'power-cut':
      return plugsFor(fault, context).cut([host]);
    case 'shutdown':
      return shutDown(host, { ...injection, left }, context);
    case 'script':
      return runBreak(act, { host, fault, left }, context);
  }
}

/** What is broken this shortly before it heals may be left broken. */
const spareSeconds = 5;

interface Aim {
  readonly host: string;
  readonly fault: Fault;
  /** Seconds that are left for it. */
  readonly left: number;
}

async function runBreak(
  act: Extract<Act, { readonly kind: 'script' }>,
  { host, fault, left }: Aim,
  context: DrillContext,
): Promise<void> {
  const timeoutSeconds = Math.min(act.breakWithinSeconds ?? 30, Math.ceil(left));
  await runOnHost({ host, fault, script: act.break, timeoutSeconds }, context);
}

interface OnHost {
  readonly host: string;
  readonly fault: Fault;
  readonly script: string;
  readonly timeoutSeconds: number;
}

async function runOnHost(
  { host, fault, script, timeoutSeconds }: OnHost,
  context: DrillContext,
): Promise<void> {
  const connection = await context.connect(host, context.signal);
  try {
    const broken = await connection.run(script, { timeoutSeconds });
    if (broken.exitCode !== 0) throw notBroken(fault, host, broken.stderr);
  } catch (error) {
    if (!(error instanceof McpError) || error.code !== 'connection-lost') throw error;
  }
}

/** An orderly one, as a UPS does it whose battery runs low: it is over when the host is off. */
async function shutDown(
  host: string,
  { fault, left }: Pick<Aim, 'fault' | 'left'>,
  context: DrillContext,
): Promise<void> {
  const { clock, signal } = context;
  const power = plugsFor(fault, context);
  const until = clock.now() + left * 1000;
  const script = 'systemctl --no-block poweroff\n';
  await runOnHost({ host, fault, script, timeoutSeconds: 10 }, context);
  while (!(await power.isOff(host))) {
    if (clock.now() > until) throw notBroken(fault, host, 'it does not switch itself off');
    await clock.sleep(500, signal);
  }
}

const notBroken = (fault: Fault, host: string, words: string): McpError =>
  new McpError('drill-failed', `${fault.name} could not be injected on ${host}: ${words.trim()}`, {
    host,
    hint: `what was broken is healed; log in to ${host} and look whether it has what the fault breaks`,
  });
