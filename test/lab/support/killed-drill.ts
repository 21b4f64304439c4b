import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { onEach } from './hosts.ts';
import { type LabOf, root } from './mcp.ts';
import { awaitHealthy } from './steady.ts';

/**
 * Starts a drill of one fault, ends it with SIGKILL once `isBroken` resolves, and expects that the hosts heal by
 * themselves and keep nothing of it.
 */
export async function expectToHealAfterKill(
  lab: LabOf,
  hosts: readonly string[],
  { fault, isBroken }: { readonly fault: string; isBroken(): Promise<void> },
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
  expect((await lab.mcp('status')).exitCode).toBe(8);
  await awaitHealthy(lab, 240);
  const left = await onEach(
    lab,
    hosts,
    "systemctl list-units --all --plain --no-legend 'mcp-drill*'; ls -d /run/mcp-drill* 2>/dev/null || true",
  );
  expect(new Set(Object.values(left))).toEqual(new Set(['']));
}
