import { afterAll, expect, test } from 'vitest';
import { freshLab } from './support/deployed.ts';
import { labOf } from './support/mcp.ts';
import { awaitHealthy } from './support/steady.ts';

const inventory = 'inventories/three.yaml';

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

test('three machines that carry every role deploy, are healthy, and survive a power cut of one', async () => {
  const lab = await freshLab(inventory);
  await lab.must('deploy', '--yes');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 0 });
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  const [first] = (await lab.must('lab status', '--json')).stdout.match(/(?<="name":")[a-z]+\d+/) ?? [];
  await lab.must('lab power-off', first ?? '');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 8 });
  await lab.must('lab power-on', first ?? '');
  await awaitHealthy(lab, 120);
});
