import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import type { Topology } from '../../src/model/topology.ts';
import { describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { renderCloud } from '../../src/workflows/render.ts';
import { deployedLab } from './support/deployed.ts';
import { command, type LabOf, mustSucceed, root } from './support/mcp.ts';
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
      const validators = (cloud.desired.hosts.get(name)?.services ?? []).flatMap((each) => each.validators);
      expect(validators.length).toBeGreaterThan(2);
      for (const { name: checker, program, script } of validators) {
        const line = `cd / && export TREE=${trees}/${name} && command -v ${program} && ${script}`;
        const { exitCode, output } = await lab.mcp('lab exec', host, '--', line);
        expect({ exitCode, output: exitCode === 0 ? '' : output }, `${checker} of ${name}`).toEqual({
          exitCode: 0,
          output: '',
        });
      }
    }
  });
});

test('the same way shows what a service refuses', async () => {
  const line = `cd / && mkdir -p ${trees} && echo 'listen nothing here' >${trees}/bad && haproxy -c -f ${trees}/bad`;
  expect((await command('bin/mcp', ['lab', 'exec', '-i', lab.inventory, host, '--', line])).exitCode).toBe(1);
});

/** Hosts of the same roles are given the same but for names and addresses. */
const oneOfEachKind = ({ hosts }: Topology): readonly Host[] => [
  ...new Map(hosts.map((each) => [[...each.roles].sort().join(), each])).values(),
];
