import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import { planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { rotateKeys } from '../../src/workflows/secrets.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from '../support/simulated-hosts.ts';

let folder = '';
let inventory = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-rotation-'));
  inventory = await shippedInventory(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const described = async (): Promise<Cloud> => describeCloud((await loadTopology(inventory)).topology);

const planned = ({ topology, desired }: Cloud, observed: ObservedState) => ({
  plan: planChanges({ topology, services, desired, observed, overwriteDrift: false }),
  all: topology,
  desired,
  observed,
});

/** Every host as a deploy of the inventory as it is now leaves it. */
async function deployed(): Promise<SimulatedHosts> {
  const cloud = await described();
  const fresh: SimulatedHosts = new Map(cloud.topology.hosts.map(({ name }) => [name, freshHost]));
  const { plan } = planned(cloud, observe(fresh, cloud.desired));
  return actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, cloud.desired), fresh);
}

const rotate = (hosts: SimulatedHosts, alter = (seen: ObservedState): ObservedState => seen) =>
  rotateKeys(inventory, ['fernet'], {
    anyway: true,
    async plan() {
      const cloud = await described();
      return planned(cloud, alter(observe(hosts, cloud.desired)));
    },
  });

test('keys are moved on only once every host has those of the last turn', async () => {
  const before = await deployed();
  expect((await rotate(before)).changed.length).toBeGreaterThan(1);
  const secrets = await readFile(join(folder, 'lab.secrets.yaml'), 'utf8');
  await expect(rotate(before)).rejects.toMatchObject({
    code: 'not-confirmed',
    message: expect.stringMatching(
      /^not every host has what was rotated last:\nctl01: Keystone\nctl02: Keystone\nctl03: Keystone$/,
    ),
  });
  expect(await readFile(join(folder, 'lab.secrets.yaml'), 'utf8')).toBe(secrets);
  await rotate(await deployed());
  expect(await readFile(join(folder, 'lab.secrets.yaml'), 'utf8')).not.toBe(secrets);
});

test('of a host that does not answer nobody knows what it has', async () => {
  const hosts = await deployed();
  const failure = new McpError('unreachable', 'ctl02: connection refused');
  const without = ({ hosts: seen }: ObservedState): ObservedState => ({
    hosts: new Map([...seen, ['ctl02', { kind: 'unreachable', host: 'ctl02', failure }]]),
  });
  await expect(rotate(hosts, without)).rejects.toMatchObject({
    message: 'not every host has what was rotated last:\nctl02 does not answer',
  });
});
