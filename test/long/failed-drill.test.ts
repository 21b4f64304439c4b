import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { hostsOverSsh } from '../support/hosts-over-ssh.ts';

/** It looks for twenty seconds whether what is red is only late. */
test('9: a drill breaks nothing in a cloud that is not healthy, and is no drill', async () => {
  await using hosts = await hostsOverSsh();
  hosts.become(hosts.deployed);
  const { exitCode, said } = await mcp(
    hosts.folder.path,
    'failover-drill',
    '-i',
    hosts.inventory,
    'galera-writer-killed',
  );
  expect([exitCode, said]).toEqual([9, expect.stringContaining('not healthy before anything was broken')]);
});

/** A process of its own: it makes itself punctual. */
async function mcp(state: string, ...words: readonly string[]) {
  const program = ['--import', 'tsx', '--import', './bin/load-shell.mjs', 'src/cli/main.ts', ...words];
  const child = spawn('node', program, { env: { ...process.env, XDG_STATE_HOME: state } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const [exitCode] = await once(child, 'close');
  return { exitCode, said };
}
