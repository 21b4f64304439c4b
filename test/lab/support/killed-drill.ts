import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  const left = await onEach(
    lab,
    hosts,
    programWith(findResidueText, { values: { prefix: 'mcp-drill', table: 'mcp_drill' } }),
  );
  expect(new Set(Object.values(left))).toEqual(new Set(['']));
}
