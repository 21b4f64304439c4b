import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import type { Validator } from '../../src/model/probe.ts';
import type { Topology } from '../../src/model/topology.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { renderCloud } from '../../src/workflows/render.ts';
import { deployedLab } from './support/deployed.ts';
import { type LabOf, mustSucceed, root } from './support/mcp.ts';
import { variantOf } from './support/variant.ts';

const host = 'ctl01';
const trees = '/var/tmp/mcp-trees';
const outside = join(root, '.lab/mcp-lab/hosts', host, 'root', trees);
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab('inventories/lab.yaml');
});

afterAll(() => rm(outside, { recursive: true, force: true }));

const layouts = ['lab', 'three', 'reference'];
const variants = [
  ['as it is', (text: string) => text],
  ['without TLS', (text: string) => text.replaceAll('tls: true', 'tls: false')],
  ['inspected', (text: string) => `${text}\ninspection: { address: 192.0.2.20, interface: host0 }\n`],
] as const;

describe.each(layouts)('%s.yaml', (layout) => {
  beforeAll(async () => {
    await mustSucceed('secrets', 'init', '-i', `inventories/${layout}.yaml`);
    await mustSucceed('certs', 'init', '-i', `inventories/${layout}.yaml`);
  });

  test.each(variants)('%s: the services accept every file that they are given', async (_name, change) => {
    const { inventory } = await variantOf(`inventories/${layout}.yaml`, change);
    const { topology } = await loadTopology(inventory);
    const cloud = await describeCloud(topology);
    await rm(outside, { recursive: true, force: true });
    await renderCloud(cloud, outside);
    for (const { name } of oneOfEachKind(topology)) {
      const validators = validatorsOf(cloud, name);
      expect(validators.length).toBeGreaterThan(0);
      for (const validator of validators) {
        expect(await refusal(validator, name), `${validator.name} of ${name}`).toBe('');
      }
    }
  });
});

test('what a service would refuse is refused in the same way', async () => {
  const { topology } = await loadTopology(lab.inventory);
  const cloud = await describeCloud(topology);
  await renderCloud(cloud, outside);
  await appendFile(join(outside, host, 'etc/haproxy/haproxy-api.cfg'), '\nnonsense here\n');
  const words = await Promise.all(validatorsOf(cloud, host).map((validator) => refusal(validator, host)));
  expect(words.filter((each) => each !== '')).toEqual([expect.stringContaining("'nonsense'")]);
});

const validatorsOf = ({ desired }: Cloud, name: string): readonly Validator[] =>
  (desired.hosts.get(name)?.services ?? []).flatMap(({ validators }) => validators);

/** What a service's own checker says against the tree of a host, empty when it accepts it. */
async function refusal({ program, script }: Validator, tree: string): Promise<string> {
  const line = `cd / && export TREE=${trees}/${tree} && command -v ${program} >/dev/null && ${script}`;
  const { exitCode, output } = await lab.mcp('lab exec', host, '--', line);
  return exitCode === 0 ? '' : `exit code ${exitCode}: ${output}`;
}

/** Hosts of the same roles are given the same but for names and addresses. */
const oneOfEachKind = ({ hosts }: Topology): readonly Host[] => [
  ...new Map(hosts.map((each) => [[...each.roles].sort().join(), each])).values(),
];
