import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { renderCloud } from '../../src/workflows/render.ts';
import { everyFileIsAccepted } from './support/accepted-files.ts';
import { asked, refusals, trees, validatorsOf } from './support/checkers.ts';
import { deployedLab } from './support/deployed.ts';
import { releaseOf } from './support/hosts.ts';
import { type LabOf, root } from './support/mcp.ts';

const host = 'ctl01';
let lab: LabOf;
const system = {
  outside: join(root, '.lab/mcp-lab/hosts', host, 'root', trees),
  release: () => releaseOf(lab, host),
  isDeployed: true,
  run: (line: string) => lab.mcp('lab exec', host, '--', line),
};

beforeAll(async () => {
  lab = await deployedLab('inventories/lab.yaml');
});

afterAll(() => rm(system.outside, { recursive: true, force: true }));

everyFileIsAccepted('the lab', system);

test('what a service would refuse is refused in the same way', async () => {
  const { topology } = await loadTopology(lab.inventory);
  const cloud = await describeCloud(topology);
  await renderCloud(cloud, system.outside);
  await appendFile(join(system.outside, host, 'etc/haproxy/haproxy-api.cfg'), '\nnonsense here\n');
  await appendFile(join(system.outside, host, 'etc/rabbitmq/rabbitmq.conf'), '\nchanel_max = 100\n');
  const refused = await refusals(system, asked(validatorsOf(cloud, host), host));
  expect(refused).toHaveLength(2);
  expect(refused).toContainEqual(expect.stringContaining("'nonsense'"));
  expect(refused).toContainEqual(expect.stringContaining('unknown variable: chanel_max'));
});
