import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginFor } from '../../src/transport/login.ts';
import { readKnownHosts } from '../../src/transport/ssh-access.ts';

let folder = '';
let pipe = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-setup-'));
  pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a pipe, a folder or a device where a key is due is refused, and waited for never', async () => {
  for (const file of [pipe, folder, '/dev/zero']) {
    await expect(loginFor({ user: 'root', identityFiles: [file] }, undefined)).rejects.toMatchObject({
      code: 'login-refused',
      message: `the ssh key ${file} can't be read`,
    });
  }
});

test('a pipe, a folder or a device as known_hosts is refused; one that is not there pins nothing', async () => {
  for (const file of [pipe, folder, '/dev/zero']) {
    await expect(readKnownHosts(file)).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining(`${file} can't be read: it is a`),
    });
  }
  expect(await readKnownHosts(join(folder, 'none'))).toEqual([]);
});
