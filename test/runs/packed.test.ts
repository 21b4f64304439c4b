import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';

/**
 * What `npm pack` packs, as `npm install -g` would lay it out, without a network: of our packages only those that
 * package.json names are beside it. Nothing of this checkout is in reach but these.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'mcp-packed-'));
const installed = join(base, 'prefix/lib/node_modules/mcp');
const program = join(base, 'prefix/bin/mcp');
const folder = join(base, 'empty');

beforeAll(() => {
  const packed = join(base, 'packed');
  const { files, dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  mkdirSync(packed);
  for (const name of [
    'package.json',
    ...files.filter((file: string) => !/[!*]|^dist$/.test(file)),
    'inventories',
  ]) {
    cpSync(`${root}${name}`, join(packed, name), { recursive: true });
  }
  execFileSync('node', [`${root}bin/build.mjs`, join(packed, 'dist')]);
  const options = { cwd: packed, env: { ...process.env, HOME: base }, encoding: 'utf8' } as const;
  const [archive = ''] = execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], options).split('\n');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['xzf', join(packed, archive), '-C', installed, '--strip-components=1']);
  for (const name of Object.keys(dependencies))
    link(`${root}node_modules/${name}`, join(installed, 'node_modules', name));
  link('../lib/node_modules/mcp/bin/mcp', program);
  mkdirSync(folder);
}, 300_000);

afterAll(() => rmSync(base, { recursive: true, force: true }));

const link = (target: string, path: string) => {
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(target, path);
};

const environment = { PATH: `${join(program, '..')}:${process.env['PATH']}`, HOME: base, CI: 'true' };

function run(command: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, words, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
  });
  return { exitCode: status, stdout, stderr };
}

const mcp = (...words: readonly string[]) => run('mcp', ...words);

const init = [
  ...['init', '--machines', '3', '--cloud', 'blue', '--domain', 'cloud.example.org'],
  ...['--management', '10.20.0.0/24:bond0'],
];

test('from an empty folder to rendered files', () => {
  expect(mcp('validate')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('mcp init') });
  for (const words of [
    init,
    ['secrets', 'init'],
    ['certs', 'init'],
    ['validate'],
    ['render', '--out', 'rendered'],
  ]) {
    expect([words, mcp(...words)]).toEqual([words, expect.objectContaining({ exitCode: 0 })]);
  }
  expect(readFileSync(join(folder, 'rendered/node01/etc/hosts'), 'utf8')).toContain('10.20.0.11');
});

test('the schema that editors look for is there, in the folder and in the package', () => {
  const [, schema = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, 'inventory.yaml'), 'utf8')) ?? [];
  for (const file of [join(folder, schema), join(installed, 'inventories/inventory.schema.json')]) {
    expect(readFileSync(file, 'utf8')).toBe(inventorySchemaText());
  }
  expect(mcp('explain', '--schema').stdout).toBe(inventorySchemaText());
});

test('settings are explained', () => {
  expect(mcp('explain', 'services.galera').stdout).toContain('bufferPoolSize: a number with M or G');
});

test('plan says of hosts that are out of reach that they are: 4', () => {
  const written = join(folder, 'inventory.yaml');
  // Nothing leaves this machine: the only way is a jump host that is not there.
  const text = readFileSync(written, 'utf8').replace(/# jump: .*/, 'jump: nobody@127.0.0.1:1');
  writeFileSync(
    join(folder, 'jumping.yaml'),
    text.replace(
      'cloud: blue',
      'cloud: blue\nsecrets: inventory.secrets.yaml\ncertificates: inventory.certs',
    ),
  );
  const { exitCode, stdout, stderr } = mcp('plan', '-i', 'jumping.yaml');
  expect([exitCode, stdout + stderr]).toEqual([4, expect.stringContaining('127.0.0.1')]);
});

test('the lab says what it needs', () => {
  expect(mcp('lab', 'up')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('no `lab` section'),
  });
});

test('bash completes verbs, options, names of the inventory, and paths', () => {
  const script = `
    source <(mcp completion bash)
    compopt() { echo "compopt $*"; }
    complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mcp; echo "\${COMPREPLY[*]}"; }
    complete_line mcp dep
    complete_line mcp maintenance enter ''
    complete_line mcp deploy --limit node01 ''
    complete_line mcp failover-drill galera-writer-k
    complete_line mcp topology --format = s
    complete_line mcp secrets rotate keystone.a
    complete_line mcp certs renew p
    complete_line mcp explain services.gl
    complete_line mcp validate -i ''
    echo 'machines: [' > inventory.yaml
    complete_line mcp maintenance enter ''
  `;
  const { stdout, stderr } = run('bash', '--norc', '-c', script);
  expect({ lines: stdout.split('\n'), stderr }).toEqual({
    lines: [
      ...[
        'deploy',
        'node01 node02 node03',
        'node02 node03',
        'galera-writer-killed',
        'svg',
        'keystone.admin',
        'public',
      ],
      ...['compopt -o nospace', 'services.glance', 'compopt -o default', '', '', ''],
    ],
    stderr: '',
  });
});
