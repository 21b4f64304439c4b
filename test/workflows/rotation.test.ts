import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
import {
  type Act,
  actsOf,
  afterAct,
  freshHost,
  observe,
  type SimulatedHosts,
} from '../support/simulated-hosts.ts';

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

const rotate = (
  hosts: SimulatedHosts,
  alter = (seen: ObservedState): ObservedState => seen,
  names: readonly string[] = ['fernet'],
) =>
  rotateKeys(inventory, names, {
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

const keystones = ['ctl01', 'ctl02', 'ctl03'];

/** Keys of a folder on a host, the one that encrypts first. */
function keysOn(hosts: SimulatedHosts, host: string, folder: string): readonly string[] {
  const files = [...(hosts.get(host)?.files ?? [])].flatMap(([path, { content }]) =>
    path.startsWith(`/etc/keystone/${folder}/`) ? [[Number(path.replace(/.*\//, '')), content] as const] : [],
  );
  return files.sort(([one], [other]) => other - one).map(([, content]) => content);
}

/** What a plan does to keys, one rename after another. */
const renames = ({ plan }: ReturnType<typeof planned>): readonly Act[] =>
  actsOf(plan).flatMap((act) =>
    act.step.kind === 'swap-files'
      ? act.step.paths.map((path): Act => ({ ...act, step: { kind: 'swap-files', paths: [path] } }))
      : [act],
  );

/** What hosts and those whom they serve have at one moment of a rotation. */
interface Moment {
  readonly hosts: SimulatedHosts;
  /** Keys that something is encrypted with which is still to be read. */
  readonly inUse: ReadonlySet<string>;
}

/** After a step: a task encrypts everything with the primary key, and every host goes on encrypting with its own. */
function afterStep({ hosts: before, inUse }: Moment, act: Act, { desired }: Cloud, folder: string): Moment {
  const hosts = afterAct(before, act, desired);
  const renewed = act.step.kind === 'task' && act.step.name === 'keystone-credentials';
  return {
    hosts,
    inUse: new Set([...(renewed ? [] : inUse), ...keystones.flatMap(primaryOn(hosts, folder))]),
  };
}

const primaryOn = (hosts: SimulatedHosts, folder: string) => (host: string) =>
  keysOn(hosts, host, folder).slice(0, 1);

/** Every moment of a deploy that is killed after each of its steps, and taken up by the next. */
async function momentsOf(from: Moment, folder: string): Promise<readonly Moment[]> {
  const cloud = await described();
  const moments: Moment[] = [];
  for (let now = from; ; moments.push(now)) {
    const [act] = renames(planned(cloud, observe(now.hosts, cloud.desired)));
    if (act === undefined) return moments;
    now = afterStep(now, act, cloud, folder);
  }
}

/** Whatever anybody has encrypted is read by every host at each of these moments. */
function expectReadable(moments: readonly Moment[], folder: string): void {
  for (const { hosts, inUse } of moments)
    for (const host of keystones)
      expect(keysOn(hosts, host, folder)).toEqual(expect.arrayContaining([...inUse]));
}

test.each(['fernet', 'credential'])(
  'three rotations of %s and the way back of one, each killed after every step and taken up: each host reads at every moment what any has encrypted',
  async (name) => {
    const keys = `${name}-keys`;
    const first = await deployed();
    const original = keysOn(first, 'ctl01', keys);
    let last: Moment = { hosts: first, inUse: new Set(primaryOn(first, keys)('ctl01')) };
    const secrets = join(folder, 'lab.secrets.yaml');
    let before = '';
    for (const _turn of [1, 2, 3]) {
      before = await readFile(secrets, 'utf8');
      await rotate(last.hosts, undefined, [name]);
      // Tokens have ended by themselves before a rotation is let through.
      const inUse = name === 'fernet' ? new Set(primaryOn(last.hosts, keys)('ctl01')) : last.inUse;
      const moments = await momentsOf({ ...last, inUse }, keys);
      expectReadable(moments, keys);
      last = moments.at(-1) ?? last;
    }
    for (const host of keystones)
      expect(keysOn(last.hosts, host, keys).filter((key) => original.includes(key))).toEqual([]);
    await writeFile(secrets, before, { mode: 0o600 });
    const back = await momentsOf(last, keys);
    expect(back.length).toBeGreaterThan(8);
    expectReadable(back, keys);
  },
);

test('credential keys are not moved on while a credential may be encrypted with the oldest', async () => {
  const before = await deployed();
  await rotate(before, undefined, ['credential']);
  const cloud = await described();
  const { plan } = planned(cloud, observe(before, cloud.desired));
  const acts = actsOf(plan);
  expect(acts.map(({ host, step }) => (step.kind === 'task' ? `${host} ${step.title}` : host))).toEqual([
    ...keystones,
    'ctl01 encrypt all credentials with the new key',
  ]);
  const halfDone = acts.slice(0, -1).reduce((hosts, act) => afterAct(hosts, act, cloud.desired), before);
  await expect(rotate(halfDone, undefined, ['credential'])).rejects.toMatchObject({
    code: 'not-confirmed',
    message: 'not every host has what was rotated last:\nctl01: Keystone: former secrets go',
  });
});

test('nor while a run that left out a host without Keystone has not encrypted them anew', async () => {
  const before = await deployed();
  await rotate(before, undefined, ['credential']);
  const cloud = await described();
  const failure = new McpError('unreachable', 'prx01: connection refused');
  const without = ({ hosts: seen }: ObservedState): ObservedState => ({
    hosts: new Map([...seen, ['prx01', { kind: 'unreachable', host: 'prx01', failure }]]),
  });
  const { plan } = planned(cloud, without(observe(before, cloud.desired)));
  const after = actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, cloud.desired), before);
  expect(keysOn(after, 'ctl01', 'credential-keys')).not.toEqual(keysOn(before, 'ctl01', 'credential-keys'));
  await expect(rotate(after, without, ['credential'])).rejects.toMatchObject({
    code: 'not-confirmed',
    message: 'not every host has what was rotated last:\nctl01: encrypt all credentials with the new key',
  });
});
