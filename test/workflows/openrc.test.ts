import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeClientFiles } from '../../src/workflows/openrc.ts';
import { wholeTopology } from '../support/openstack.ts';
import { fiveHosts } from '../support/topology.ts';

const topology = wholeTopology(fiveHosts());
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-openrc-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a client finds the administrator through the public VIP, and through the control VIP from inside', async () => {
  const out = join(folder, 'new');
  expect((await writeClientFiles(topology, out)).files).toEqual(['clouds.yaml', 'openrc.sh', 'ca.crt']);
  const { clouds } = parse(await readFile(join(out, 'clouds.yaml'), 'utf8'));
  expect(clouds).toMatchObject({
    lab: {
      auth: {
        auth_url: 'https://cloud.lab:5000/v3',
        username: 'admin',
        password: 'secret-of-keystone-admin',
        project_name: 'admin',
      },
      interface: 'public',
      cacert: join(out, 'ca.crt'),
    },
    'lab-internal': { auth: { auth_url: 'https://internal.cloud.lab:5000/v3' }, interface: 'internal' },
  });
  for (const name of ['clouds.yaml', 'openrc.sh', 'ca.crt'])
    expect((await stat(join(out, name))).mode & 0o777).toBe(0o600);
  expect((await stat(out)).mode & 0o777).toBe(0o700);
});

test("it writes its own files again, and never over somebody else's", async () => {
  await writeClientFiles(topology, folder);
  await writeClientFiles(topology, folder);
  await writeFile(join(folder, 'clouds.yaml'), 'clouds: {}\n');
  await expect(writeClientFiles(topology, folder)).rejects.toMatchObject({ code: 'not-confirmed' });
  expect(await readFile(join(folder, 'clouds.yaml'), 'utf8')).toBe('clouds: {}\n');
});
