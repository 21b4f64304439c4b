import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type LabOf, labOf, mustSucceed, root } from './support/mcp.ts';
import { variantOf } from './support/variant.ts';

const name = 'mcp-twice';
const labs: LabOf[] = [];

afterAll(async () => {
  for (const lab of labs) await lab.must('lab down', '--wherever');
});

test('a lab that another checkout left is refused, and goes when asked for', async () => {
  const first = await checkout();
  await first.must('lab up');
  const second = await checkout();
  const refused = await second.mcp('lab up');
  expect(refused.exitCode).toBe(1);
  expect(refused.output).toContain('mcp lab down --wherever');
  await second.must('lab down');
  expect((await first.mcp('lab status')).output.match(/answers/g)).toHaveLength(3);

  await second.must('lab down', '--wherever');
  expect((await first.mcp('lab status')).output).toContain('is down');
  expect(existsSync(`/run/netns/${name}`)).toBe(false);
  await second.must('lab up');
  expect((await second.mcp('lab status')).output.match(/answers/g)).toHaveLength(3);
});

/** Another folder of labs, as another clone of the repository has one; only the images are shared. */
async function checkout(): Promise<LabOf> {
  await mustSucceed('secrets', 'init', '-i', 'inventories/three.yaml');
  await mustSucceed('certs', 'init', '-i', 'inventories/three.yaml');
  const { inventory, directory } = await variantOf('inventories/three.yaml', (text) =>
    text
      .replace(/^lab: .*$/m, `lab: { name: ${name}, directory: .lab }`)
      .replace('namespace: mcp-three', `namespace: ${name}`)
      .replaceAll(join(root, '.lab'), '.lab'),
  );
  await mkdir(join(directory, '.lab'));
  const images = join(root, '.lab', 'images');
  await mkdir(images, { recursive: true });
  await symlink(images, join(directory, '.lab', 'images'));
  const lab = labOf(inventory);
  labs.push(lab);
  return lab;
}
