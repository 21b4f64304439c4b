import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeOwned } from '../../src/inventory/index.ts';
import { renderCloud } from '../../src/workflows/render.ts';
import { createRunFolder } from '../../src/workflows/run-folder.ts';
import { aTopology } from '../support/topology.ts';

let folder = '';
let stateHome: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-unwritable-'));
  await writeFile(join(folder, 'file'), '');
  stateHome = process.env['XDG_STATE_HOME'];
});
afterEach(async () => {
  if (stateHome === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = stateHome;
  await rm(folder, { recursive: true });
});

const cloud = { topology: aTopology({ hosts: [] }), services: [], desired: { hosts: new Map() }, checks: [] };

/** Below /proc nothing can be made, whoever asks. */
const nowhere = '/proc/mcp';

test.each([
  ['a file', () => join(folder, 'file'), 'a file stands where a folder is due'],
  ['below a file', () => join(folder, 'file/below'), 'a part of its path is a file and no folder'],
  ['where nothing can be made', () => nowhere, 'no such file or folder'],
  ['a name that is too long', () => join(folder, 'x'.repeat(300)), 'its name is too long'],
])('what is to be written below %s is refused in a sentence', async (_what, path, reason) => {
  await expect(renderCloud(cloud, path())).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: `${path()} can't be written: ${reason}`,
    details: { hint: expect.stringContaining('another place') },
  });
});

test('a run that can keep no account of itself is refused before it begins', async () => {
  process.env['XDG_STATE_HOME'] = nowhere;
  await expect(createRunFolder('lab', new Date())).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: expect.stringMatching(
      /^\/proc\/mcp\/mcp\/lab\/runs\/\S+ can't be written: no such file or folder$/,
    ),
  });
});

test('a folder of runs is made with all above it, for its owner alone', async () => {
  process.env['XDG_STATE_HOME'] = join(folder, 'state/of/runs');
  const { directory, run } = await createRunFolder('lab', new Date('2026-01-01T10:00:00Z'));
  expect(directory).toBe(join(folder, 'state/of/runs/mcp/lab/runs', run));
  await writeOwned(join(directory, 'kept'), 'text', 0o600);
});

test('a file that can not be written is named, and leaves no draft', async () => {
  await expect(writeOwned(join(nowhere, 'known_hosts'), 'text', 0o600)).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: `${nowhere}/known_hosts can't be written: no such file or folder`,
  });
});
