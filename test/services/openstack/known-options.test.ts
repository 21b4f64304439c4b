import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { optionsAreKnown } from '../../../src/resources/openstack/index.ts';

let folder: string;

/** As oslo-config-generator writes it into a package. */
const declared = `[DEFAULT]

#
# From nova.conf
#

# Whether to say more. (boolean value)
# Deprecated group/name - [DEFAULT]/verbose
#debug = false

# How many. (integer value)
# Minimum value: 1
#osapi-workers = <None>

# Where. (port value)
#listen_port = 8774

[database]

# (string value)
#connection = <None>

[keystone_authtoken]

# (string value)
#www_authenticate_uri = <None>
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-options-'));
  await writeFile(join(folder, 'declared'), declared);
});

afterAll(() => rm(folder, { recursive: true }));

async function judged(text: string): Promise<readonly string[]> {
  await writeFile(join(folder, 'x.conf'), text);
  const { script } = optionsAreKnown({
    path: '/x.conf',
    declaredIn: join(folder, 'declared'),
    program: '/usr/bin/python3',
  });
  const { status, stderr } = spawnSync('sh', ['-c', script], {
    env: { PATH: process.env['PATH'], TREE: folder },
    encoding: 'utf8',
  });
  const lines = stderr.split('\n').filter((line) => line !== '');
  expect(status).toBe(lines.length === 0 ? 0 : 1);
  return lines;
}

test('what the service knows is taken: former names, continuation lines and values of other options too', async () => {
  expect(
    await judged(
      '[DEFAULT]\ndebug = True\nverbose = no\nosapi_workers = 2\nlisten-port = $osapi_workers\n[Database]\nconnection = a,\n  b = c\n',
    ),
  ).toEqual([]);
});

test('an option or a group that nobody knows is refused, with its line and what was meant', async () => {
  expect(await judged('[DEFAULT]\ndebgu = true\n\n[databsae]\nconnection = x\n')).toEqual([
    '/x.conf:2: [DEFAULT] has no option debgu; did you mean debug?',
    '/x.conf:5: there is no group [databsae]; did you mean [database]?',
  ]);
});

test('values that are not of their kind are refused', async () => {
  expect(await judged('[DEFAULT]\ndebug = maybe\nosapi_workers = 0\nlisten_port = 99999\n')).toEqual([
    '/x.conf:2: [DEFAULT] debug: maybe is neither true nor false',
    '/x.conf:3: [DEFAULT] osapi_workers: 0 is less than 1',
    '/x.conf:4: [DEFAULT] listen_port: 99999 is more than 65535',
  ]);
});

test('a group that some value names is of a driver or a store, and taken as it is', async () => {
  expect(await judged('[database]\nconnection = fast:rbd\n[fast]\nanything = 1\n')).toEqual([]);
});
