import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { localDeployer } from '../cli/local-deployer.ts';
import type { Wanted } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';
import { outputInto } from '../support/output.ts';

/**
 * The program from its arguments to its exit code, carrying out real plans on a host that is a folder. What only has to be
 * asked of hosts is in test/cli/exit-codes.test.ts, over ssh. A drill that fails (9) needs clients and a lab: test/lab-long.
 */

afterEach(() => {
  process.exitCode = undefined;
});

async function mcp(host: LocalHost, wanted: Wanted, ...words: readonly string[]) {
  const lines: string[] = [];
  const [verb = 'deploy', ...rest] = words.length > 0 ? words : ['deploy', '--yes'];
  const argv = ['node', 'mcp', verb, '-i', 'local.yaml', ...rest];
  const exitCode = await runProgram(argv, outputInto(lines), localDeployer(host, wanted));
  return { exitCode, said: lines.join('\n') };
}

test.concurrent('0: deployed, and healthy after it', async () => {
  await using host = localHost();
  expect((await mcp(host, { value: '1' })).exitCode).toBe(0);
  expect(host.acts()).toEqual(['start alpha.service']);
  expect((await mcp(host, { value: '1' }, 'status')).exitCode).toBe(0);
});

test.concurrent('1: a mistake of ours is told as one, with its stack', async () => {
  await using host = localHost();
  const onJudge = () => {
    throw new TypeError("Cannot read properties of undefined (reading 'members')");
  };
  expect(await mcp(host, { value: '1', onJudge })).toMatchObject({
    exitCode: 1,
    said: expect.stringMatching(/bug in mcp[\s\S]*TypeError: Cannot read[\s\S]* at /),
  });
});

test("3: a service's own checker refuses the file, and nothing was changed", async () => {
  await using host = localHost();
  await mcp(host, { value: '1' });
  expect(await mcp(host, { value: 'bad' })).toMatchObject({
    exitCode: 3,
    said: expect.stringContaining('alpha --check'),
  });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
});

test.concurrent('5: another run holds the lock', async () => {
  await using host = localHost();
  execFileSync('mkdir', ['-p', join(host.root, 'run/mcp-lock')]);
  const lock = join(host.root, 'run/mcp-lock/lock');
  const other = spawn('flock', [lock, 'sh', '-c', 'echo locked; exec sleep 60'], { detached: true });
  await once(other.stdout, 'data');
  try {
    expect((await mcp(host, { value: '1' })).exitCode).toBe(5);
    expect(host.exists('etc/alpha.conf')).toBe(false);
  } finally {
    process.kill(-(other.pid ?? 0));
  }
});

test.concurrent('6: a unit that does not start halts the run while the service is intact', async () => {
  await using host = localHost();
  await mcp(host, { value: '1' });
  host.write('refuses/alpha.service', '');
  expect((await mcp(host, { value: '2' })).exitCode).toBe(6);
});

test.concurrent('7: a guarded change that fails is undone', async () => {
  await using host = localHost();
  await mcp(host, { value: '1', guarded: true });
  host.write('refuses/alpha.service', '');
  expect((await mcp(host, { value: '2', guarded: true })).exitCode).toBe(7);
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
});

test.concurrent('8: a service that is not well after its change, and a cloud that is looked at then', async () => {
  await using host = localHost();
  await mcp(host, { value: '1' });
  expect((await mcp(host, { value: 'sick' })).exitCode).toBe(8);
  expect((await mcp(host, { value: 'sick' }, 'status')).exitCode).toBe(8);
});

test.concurrent('11: what is deployed is edited by someone else, and nothing was changed', async () => {
  await using host = localHost();
  await mcp(host, { value: '1' });
  host.write('etc/alpha.conf', 'value by hand\n');
  expect((await mcp(host, { value: '2' })).exitCode).toBe(11);
  expect(host.read('etc/alpha.conf')).toBe('value by hand\n');
});

test.concurrent.each([['SIGINT'], ['SIGTERM']] as const)(
  '130: %s lets the running step finish and stops',
  async (signal) => {
    await using host = localHost();
    const child = childDeploying(host);
    await until(() => host.exists('begun'));
    child.kill(signal);
    await pause(50);
    host.write('go-on', '');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    expect([host.exists('finished'), host.acts()]).toEqual([true, []]);
  },
);

/** `mcp deploy` as a process of its own, in the midst of a step that waits for `go-on`. */
function childDeploying({ root }: LocalHost): ChildProcess {
  const task = `touch "$LAB/begun"; while [ ! -e "$LAB/go-on" ]; do sleep 0.05; done; touch "$LAB/finished"`;
  const program = ['--import', 'tsx', '--import', './bin/load-shell.mjs', 'test/cli/local-program.ts'];
  return spawn('node', [...program, root, task], { stdio: 'inherit' });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(50);
}
