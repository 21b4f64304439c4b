import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import findResidueText from '../../../src/drill/find-residue.sh';
import { exitCodes } from '../../../src/model/failure.ts';
import { programWith } from '../../../src/model/shell-program.ts';
import { onEach } from './hosts.ts';
import { type LabOf, root } from './mcp.ts';
import { awaitHealthy } from './steady.ts';

interface Killed {
  readonly fault: string;
  isBroken(): Promise<void>;
  /** Two hosts that do not hear each other may both serve on, with the help of those that hear them. */
  readonly isSeen?: boolean;
  readonly healthyWithinSeconds?: number;
}

/**
 * Starts a drill of one fault, ends it with SIGKILL once `isBroken` resolves, and expects that the hosts heal by
 * themselves and keep nothing of it.
 */
export async function expectToHealAfterKill(
  lab: LabOf,
  hosts: readonly string[],
  { fault, isBroken, isSeen = true, healthyWithinSeconds = 240 }: Killed,
): Promise<void> {
  const drill = spawn(`${root}bin/mcp`, ['failover-drill', '-i', lab.inventory, fault, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(drill, 'exit');
  for await (const chunk of drill.stdout.setEncoding('utf8')) {
    if (String(chunk).includes('"type":"fault-injected"')) break;
  }
  await isBroken();
  drill.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  // Where no host answers at all it is said as what it is.
  const { exitCode } = await lab.mcp('status');
  if (isSeen) expect([exitCodes.degraded, exitCodes.unreachable]).toContain(exitCode);
  await awaitHealthy(lab, healthyWithinSeconds);
  // A fault may be over before its time is up, which its host waits for before it takes everything away.
  const until = Date.now() + healthyWithinSeconds * 1000;
  for (;;) {
    const left = new Set(Object.values(await onEach(lab, hosts, findResidue)));
    if (Date.now() < until && left.size > 1) {
      await sleep(2000);
      continue;
    }
    expect(left).toEqual(new Set(['']));
    return;
  }
}

const findResidue = programWith(findResidueText, { values: { prefix: 'mcp-drill', table: 'mcp_drill' } });
