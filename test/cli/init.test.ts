import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { workingFolder } from '../support/working-folder.ts';

const few = ['--cloud', 'blue', '--domain', 'cloud.example.org', '--management', '10.20.0.0/24:bond0'];
const own = ['--public', '192.0.2.0/24:bond1', '--internal', '10.21.0.0/24:bond2'];
const all = [...own, '--replication', '10.22.0.0/16:ens3', '--user', 'ops'];

/** Values of inventories/*.yaml that are there because many hosts share one machine. */
const ofLabs =
  /passwordHashRounds|processes|threads|workers|Workers|namespace|\.lab|^lab:|10\.7[789]\.|host0/m;

test.each([
  ['3', few, 3],
  ['5', few, 5],
  ['11', few, 11],
  ['3', [...few, ...all], 3],
  ['5', [...few, ...own], 5],
  ['11', [...few, ...all], 11],
])(
  '%s machines %j: valid but for what the next commands make, and for production',
  async (machines, flags, hosts) => {
    await using shell = await workingFolder();
    expect(await shell.mcp(['init', '--machines', machines, ...flags])).toMatchObject({ exitCode: 0 });
    const text = await readFile('inventory.yaml', 'utf8');
    expect(text).not.toMatch(ofLabs);
    expect(text).not.toContain('undefined');

    for (const verb of ['secrets', 'certs']) expect((await shell.mcp([verb, 'init'])).exitCode).toBe(0);
    const { topology, warnings } = await loadTopology('inventory.yaml');
    expect([topology.hosts.length, warnings]).toEqual([hosts, []]);
  },
);

test('editors find the schema beside it', async () => {
  await using shell = await workingFolder();
  await shell.mcp(['init', '--machines', '3', ...few]);
  const [, schema = ''] =
    /^# yaml-language-server: \$schema=(\S+)/.exec(await readFile('inventory.yaml', 'utf8')) ?? [];
  expect(await readFile(schema, 'utf8')).toBe(inventorySchemaText());
});

test.each(['inventory.yaml', 'cloud.yaml'])('%s that is there already is left as it is: 11', async (name) => {
  await using shell = await workingFolder();
  await writeFile(name, 'mine');
  const { exitCode, lines } = await shell.mcp(['init', '--machines', '3', ...few]);
  expect([exitCode, lines.join()]).toEqual([11, expect.stringContaining(`${name} is already there`)]);
  expect(await readFile(name, 'utf8')).toBe('mine');
});

test('what a .gitignore says stays, and what is missing is added once', async () => {
  await using shell = await workingFolder();
  await writeFile('.gitignore', 'notes\n*.secrets.yaml');
  await shell.mcp(['init', '--machines', '3', ...few]);
  const lines = (await readFile('.gitignore', 'utf8')).split('\n');
  expect(lines.slice(0, 2)).toEqual(['notes', '*.secrets.yaml']);
  expect(lines.filter((line) => line === '*.secrets.yaml')).toHaveLength(1);
  for (const file of ['*.certs/*.key', 'openrc.sh', 'clouds.yaml']) expect(lines).toContain(file);
});

test('without a terminal nothing is asked: what is missing is listed as flags, and nothing is written', async () => {
  await using shell = await workingFolder();
  const { exitCode, lines } = await shell.mcp(['init', '--machines', '3', '--cloud', 'blue'], {
    ask: unasked,
  });
  expect(exitCode).toBe(3);
  expect(lines.join()).toContain('--domain <name>, --management <network:interface> are needed');
  await expect(readFile('.gitignore')).rejects.toThrow('ENOENT');
});

test.each([
  [['--machines', '4'], '--machines must be one of 3, 5, 11'],
  [['--management', '10.20.0.0/24'], '--management must be NETWORK:INTERFACE'],
  [['--management', '10.20.0.1/24:bond0'], '--management is an address in a network, not a network'],
  [['--cloud', 'No Name'], '--cloud must be a short host name'],
  [['--management', '10.20.0.0/28:bond0'], 'has no room for 3 hosts and 3 VIPs'],
  [['--public', '10.20.0.0/16:bond1'], 'overlaps with the management network'],
])('%j is refused: 3, and nothing is written', async (flags, words) => {
  await using shell = await workingFolder();
  const given = few.flatMap((word, index) =>
    index % 2 === 0 && flags[0] !== word ? [word, few[index + 1] ?? ''] : [],
  );
  const machines = flags[0] === '--machines' ? [] : ['--machines', '3'];
  const { exitCode, lines } = await shell.mcp(['init', ...machines, ...given, ...flags]);
  expect([exitCode, lines.join()]).toEqual([3, expect.stringContaining(words)]);
  await expect(readFile('inventory.yaml')).rejects.toThrow('ENOENT');
});

test('on a terminal it asks for what no flag says, and again after an answer that is wrong', async () => {
  await using shell = await workingFolder();
  const answers = ['four', '5', 'cloud.example.org', '10.20.0.0/24:bond0', '', '', ''];
  const asked: string[] = [];
  const { exitCode, lines } = await shell.mcp(['init', '--cloud', 'blue'], {
    interactive: true,
    ask: async (question) => {
      asked.push(question.split(' ')[0] ?? '');
      return answers.shift();
    },
  });
  expect(exitCode).toBe(0);
  expect(asked).toEqual([
    'machines',
    'machines',
    'domain',
    'management',
    'public',
    'internal',
    'replication',
  ]);
  expect(lines[0]).toContain('four: must be one of 3, 5, 11');
  expect((await loadTopology('inventory.yaml', { needs: 'topology' })).topology.hosts).toHaveLength(5);
});

test('Ctrl-C on a question writes nothing: 130', async () => {
  await using shell = await workingFolder();
  expect((await shell.mcp(['init'], { interactive: true })).exitCode).toBe(130);
  await expect(readFile('inventory.yaml')).rejects.toThrow('ENOENT');
});

const unasked = (): never => {
  throw new Error('asked');
};
