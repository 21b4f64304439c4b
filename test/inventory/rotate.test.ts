import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rotateSecrets } from '../../src/inventory/index.ts';
import type { Rotation } from '../../src/model/secret.ts';

const rotation: Rotation = {
  name: 'seals',
  chain: ['api.previous', 'api.primary', 'api.next'],
  renewed: { name: 'api.next', kind: 'fernet-key' },
  restMinutes: 60,
};
const now = Date.parse('2026-11-25T12:00:00Z');

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-rotate-'));
  file = join(folder, 'secrets.yaml');
  await writeFile(
    file,
    "# Mine.\napi.next: 'C'\nother.password: 'kept'\napi.previous: 'A'\napi.primary: 'B'\n",
    { mode: 0o600 },
  );
});
afterEach(() => rm(folder, { recursive: true }));

const rotate = (at = now, anyway = false) =>
  rotateSecrets({ file, rotations: [rotation], recipients: [], now: at, anyway });

test('each key takes the place before it, and only the last is new', async () => {
  await rotate();
  const text = await readFile(file, 'utf8');
  expect(text).toContain("api.previous: 'B'\n");
  expect(text).toContain("api.primary: 'C'\n");
  expect(text).toMatch(/^api\.next: '[A-Za-z0-9_-]{43}='$/m);
  expect(text).toContain('# Mine.\n');
  expect(text).toContain("other.password: 'kept'\n");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a second rotation waits until nothing needs the oldest key any more', async () => {
  await rotate();
  const once = await readFile(file, 'utf8');
  await expect(rotate(now + 59 * 60_000)).rejects.toMatchObject({
    code: 'not-confirmed',
    details: { hint: expect.stringContaining('2026-11-25T13:00:00.000Z') },
  });
  expect(await readFile(file, 'utf8')).toBe(once);
  await rotate(now + 60 * 60_000);
  expect((await readFile(file, 'utf8')).match(/# rotated seals/g)).toHaveLength(1);
  await rotate(now + 61 * 60_000, true);
});

test('a missing key changes nothing', async () => {
  await writeFile(file, "api.next: 'C'\n", { mode: 0o600 });
  await expect(rotate()).rejects.toMatchObject({ code: 'invalid-inventory' });
  expect(await readFile(file, 'utf8')).toBe("api.next: 'C'\n");
});
