import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { type HostsOverSsh, hostsOverSsh } from '../support/hosts-over-ssh.ts';
import { outputInto } from '../support/output.ts';
import type { SimulatedHost, SimulatedHosts } from '../support/simulated-hosts.ts';
import { readableKeyPair } from '../support/ssh-server.ts';

/**
 * The whole program, from its arguments to its exit code, against five ssh servers that answer as the hosts of a lab
 * would. What needs a host that changes is in test/runs, the drill in test/long.
 */
let hosts: HostsOverSsh;
beforeAll(async () => {
  hosts = await hostsOverSsh();
});
afterAll(() => hosts[Symbol.asyncDispose]());
afterEach(() => {
  process.exitCode = undefined;
  hosts.pin();
});

async function run(...words: readonly string[]) {
  const lines: string[] = [];
  const exitCode = await runProgram(['node', 'mcp', ...words], outputInto(lines));
  return { exitCode, said: lines.join('\n') };
}

function mcp(now: SimulatedHosts, verb: string, ...words: readonly string[]) {
  hosts.become(now);
  return run(verb, '-i', hosts.inventory, ...words);
}

const but = (name: string, change: (host: SimulatedHost) => Partial<SimulatedHost>): SimulatedHosts =>
  new Map(
    [...hosts.deployed].map(([each, host]) => [each, each === name ? { ...host, ...change(host) } : host]),
  );

/** The inventory with something else in it. */
const inventoryWith = async (name: string, from: string | RegExp, to: string): Promise<string> =>
  hosts.folder.write(name, (await readFile(hosts.inventory, 'utf8')).replace(from, to));

test('0: nothing to change, and nothing more is asked for with --detailed-exitcode', async () => {
  expect(await mcp(hosts.deployed, 'plan', '--detailed-exitcode')).toMatchObject({
    exitCode: 0,
    said: expect.stringContaining('nothing to change'),
  });
  expect((await mcp(hosts.deployed, 'deploy')).exitCode).toBe(0);
  expect((await mcp(hosts.fresh, 'plan')).exitCode).toBe(0);
});

test('2: the plan has changes', async () => {
  expect(await mcp(hosts.fresh, 'plan', '--detailed-exitcode')).toMatchObject({
    exitCode: 2,
    said: expect.stringContaining('galera'),
  });
});

test('3: arguments, an inventory or a template that make no sense', async () => {
  expect((await run('no-such-verb')).exitCode).toBe(3);
  expect((await run('plan', '-i', hosts.inventory, '--no-such-option')).exitCode).toBe(3);
  expect((await run('plan', '-i', join(hosts.folder.path, 'no-such.yaml'))).exitCode).toBe(3);
  const typo = await inventoryWith('typo.yaml', 'region:', 'regoin:');
  expect(await run('plan', '-i', typo)).toMatchObject({
    exitCode: 3,
    said: expect.stringContaining('did you mean'),
  });
  await mkdir(join(hosts.folder.path, 'overrides/all/templates/galera'), { recursive: true });
  const template = hosts.folder.write('overrides/all/templates/galera/99-mcp.cnf.hbs', '{{no-such-value}}\n');
  expect(await run('plan', '-i', hosts.inventory)).toMatchObject({
    exitCode: 3,
    said: expect.stringContaining('no-such-value'),
  });
  await rm(template);
});

test('4: nobody answers', async () => {
  const silent = await inventoryWith('silent.yaml', /port: \d+/, 'port: 1');
  expect(await run('plan', '-i', silent)).toMatchObject({
    exitCode: 4,
    said: expect.stringContaining('ECONNREFUSED'),
  });
});

test('4: a key that is not pinned, and another than the pinned one', async () => {
  const known = hosts.pin('');
  expect(await mcp(hosts.deployed, 'plan')).toMatchObject({
    exitCode: 4,
    said: expect.stringContaining('not pinned'),
  });
  hosts.pin(known.replaceAll(hosts.hostKey.public, readableKeyPair().public));
  expect(await mcp(hosts.fresh, 'deploy', '--yes')).toMatchObject({
    exitCode: 4,
    said: expect.stringContaining('another host key'),
  });
});

test('4: a login that is refused', async () => {
  hosts.folder.write('stranger', readableKeyPair().private);
  const refused = await inventoryWith('refused.yaml', 'identityFile: user', 'identityFile: stranger');
  expect(await run('deploy', '-i', refused, '--yes')).toMatchObject({
    exitCode: 4,
    said: expect.stringContaining('was refused'),
  });
});

test('8: hosts on which no service answers', async () => {
  expect(await mcp(hosts.deployed, 'status')).toMatchObject({
    exitCode: 8,
    said: expect.stringContaining('degraded'),
  });
});

test('10: a saved plan, and hosts that are not any more what it was made for', async () => {
  const file = join(hosts.folder.path, 'saved.plan');
  const without = (name: string) => but(name, () => ({ packages: new Set() }));
  expect((await mcp(without('prx01'), 'plan', '--out', file)).exitCode).toBe(0);
  expect(await mcp(without('prx02'), 'deploy', file, '--yes')).toMatchObject({
    exitCode: 10,
    said: expect.stringContaining("can't be carried out as it stands"),
  });
});

test('11: nobody confirmed', async () => {
  expect(await mcp(hosts.fresh, 'deploy')).toMatchObject({
    exitCode: 11,
    said: expect.stringContaining('--yes'),
  });
});

test('11: a file that someone else edited', async () => {
  const before = hosts.deployed.get('ctl01')?.files ?? new Map();
  const [path, file] = [...before].find(([name]) => name.endsWith('.cnf')) ?? [];
  const edited = { ...file, content: `${file.content}edited = by hand\n` };
  const now = but('ctl01', ({ files }) => ({ files: new Map([...files, [path, edited]]) }));
  expect(await mcp(now, 'deploy', '--yes')).toMatchObject({
    exitCode: 11,
    said: expect.stringContaining(path),
  });
});

test('11: a host of another cloud', async () => {
  const foreign = but('ctl02', () => ({ cloud: 'elsewhere' }));
  for (const words of [['plan'], ['deploy', '--yes']] as const) {
    const [verb, ...rest] = words;
    expect(await mcp(foreign, verb, ...rest)).toMatchObject({
      exitCode: 11,
      said: expect.stringContaining('elsewhere'),
    });
  }
});
