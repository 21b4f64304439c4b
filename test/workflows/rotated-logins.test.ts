import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ObservedState, reachable } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { PlanOptions } from '../../src/model/plan-options.ts';
import { loginName, otherLoginName, secretOf } from '../../src/model/secret.ts';
import { planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { passwordHash } from '../../src/services/rabbitmq/definitions.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { rotateKeys } from '../../src/workflows/secrets.ts';
import { observeWhole } from '../support/lab-observed.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';
import {
  type Act,
  actsOf,
  afterAct,
  freshHost,
  observe,
  type SimulatedHosts,
} from '../support/simulated-hosts.ts';

const databases = ['keystone.database', 'glance.database', 'nova.database', 'neutron.database'];
const users = ['glance.identity', 'placement.identity', 'nova.identity', 'neutron.identity'];
const rotated = [...databases, ...users, 'rabbitmq.openstack'];

const databaseHosts = ['ctl01', 'ctl02', 'ctl03'];

let folder = '';
let inventory = '';
let [before, after]: [Cloud | undefined, Cloud | undefined] = [undefined, undefined];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-logins-'));
  inventory = await shippedInventory(folder);
  before = await described();
  const hosts = deployed(before);
  await rotateKeys(inventory, rotated, {
    anyway: false,
    plan: async () => ({ ...planned(hosts, before), all: cloudOf(before).topology }),
  });
  after = await described();
});
afterAll(() => rm(folder, { recursive: true }));

const described = async (): Promise<Cloud> => describeCloud((await loadTopology(inventory)).topology);

function cloudOf(cloud: Cloud | undefined): Cloud {
  if (cloud === undefined) throw new Error('no cloud yet');
  return cloud;
}

function planned(
  hosts: SimulatedHosts,
  cloud: Cloud | undefined,
  options: PlanOptions = {},
  answers = observeWhole(cloudOf(cloud).topology),
) {
  const { topology, desired } = cloudOf(cloud);
  const observed: ObservedState = {
    hosts: new Map(
      [...observe(hosts, desired).hosts].map(([name, seen]) => [
        name,
        { ...seen, probes: reachable(answers, name)?.probes ?? new Map() },
      ]),
    ),
  };
  const plan = planChanges({ topology, services, desired, observed, overwriteDrift: false, ...options });
  return { plan, desired, observed };
}

/** Every host as a deploy leaves it. */
function deployed(cloud: Cloud): SimulatedHosts {
  const fresh: SimulatedHosts = new Map(cloud.topology.hosts.map(({ name }) => [name, freshHost]));
  const { plan, desired } = planned(fresh, cloud);
  return actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, desired), fresh);
}

/** The hosts, what the servers let in, and what each process logs in with, as `secret user password`. */
interface World {
  readonly hosts: SimulatedHosts;
  readonly accepted: ReadonlySet<string>;
  readonly used: ReadonlyMap<string, readonly string[]>;
}

/** A login as `cloud` has it. */
function loginIn(cloud: Cloud, secret: string): string {
  const password = secretOf(cloud.topology.secrets, secret);
  return `${secret} ${loginName(userOf(secret), password)} ${password.reveal()}`;
}
const userOf = (secret: string): string =>
  secret === 'rabbitmq.openstack' ? 'openstack' : (secret.split('.')[0] ?? '');

const contentOn = (hosts: SimulatedHosts, host: string, path: string): string =>
  hosts.get(host)?.files.get(path)?.content ?? '';

/** Which of both clouds' logins of these secrets a text holds. */
const loginsIn = (text: string, secrets: readonly string[]): readonly string[] =>
  secrets.flatMap((secret) =>
    [before, after].map(cloudOf).flatMap((cloud) => {
      const password = secretOf(cloud.topology.secrets, secret);
      const hash = passwordHash(password, `lab/${loginName('openstack', password)}`);
      return text.includes(password.reveal()) || text.includes(hash) ? [loginIn(cloud, secret)] : [];
    }),
  );

function begin(hosts: SimulatedHosts): World {
  const cloud = cloudOf(before);
  const units = [...cloud.desired.hosts].flatMap(([host, { services: all }]) =>
    all.flatMap(({ resources }) =>
      resources.flatMap((each) => (each.kind === 'unit' ? [{ host, unit: each.name }] : [])),
    ),
  );
  const accepted = new Set(rotated.map((secret) => loginIn(cloud, secret)));
  return units.reduce<World>((world, { host, unit }) => started(world, host, unit, cloud), {
    hosts,
    accepted,
    used: new Map(),
  });
}

/** A process reads its files when it starts. */
function started(world: World, host: string, unit: string, { desired }: Cloud): World {
  const resources = desired.hosts.get(host)?.services.flatMap((each) => each.resources) ?? [];
  const read = resources.flatMap((each) =>
    each.kind === 'unit' && each.name === unit ? each.restartOn : [],
  );
  const text = read.map((path) => contentOn(world.hosts, host, path)).join('\n');
  return { ...world, used: new Map([...world.used, [`${unit} on ${host}`, loginsIn(text, rotated)]]) };
}

/** What servers do with a step: as MariaDB, RabbitMQ and Keystone were seen to. */
function afterIn(world: World, act: Act, cloud: Cloud): World {
  const next = { ...world, hosts: afterAct(world.hosts, act, cloud.desired) };
  const { host, step } = act;
  const said = (path: string, secrets: readonly string[]) =>
    loginsIn(contentOn(next.hosts, host, path), secrets);
  const having = (logins: readonly string[]): World => ({
    ...next,
    accepted: new Set([...next.accepted, ...logins]),
  });
  const without = (isGone: (login: string) => boolean): World => ({
    ...next,
    accepted: new Set([...next.accepted].filter((login) => !isGone(login))),
  });
  if (step.kind === 'unit' && ['start', 'restart'].includes(step.action))
    return started(next, host, step.unit, cloud);
  if (step.kind !== 'task') return next;
  switch (step.name) {
    case 'galera-accounts':
      return having(said('/etc/mysql/mcp-users.sql', databases));
    case 'galera-logins': {
      const only = said('/etc/mysql/mcp-logins.sql', databases);
      return without((login) => databases.includes(login.split(' ')[0] ?? '') && !only.includes(login));
    }
    case 'rabbitmq-definitions':
      return having(said('/etc/rabbitmq/definitions.json', ['rabbitmq.openstack']));
    case 'keystone-users':
      return having(said('/etc/keystone/mcp-users.json', users));
    case 'rabbitmq-former-users':
    case 'keystone-former-users': {
      const list =
        step.name === 'rabbitmq-former-users'
          ? contentOn(next.hosts, host, '/etc/mcp/rabbitmq-former-users').split('\n')
          : JSON.parse(contentOn(next.hosts, host, '/etc/keystone/mcp-former-users.json')).former_users;
      const secrets = step.name === 'rabbitmq-former-users' ? ['rabbitmq.openstack'] : users;
      return without((login) => {
        const [secret = '', user = ''] = login.split(' ');
        return secrets.includes(secret) && list.includes(user);
      });
    }
    default:
      return next;
  }
}

const refused = ({ used, accepted }: World): readonly string[] =>
  [...used].flatMap(([process, logins]) =>
    logins
      .filter((login) => !accepted.has(login))
      .map((login) => `${process}: ${login.split(' ', 2).join(' ')}`),
  );

interface Carrying {
  /** How many; by default all. */
  readonly steps?: number;
  /** What they lead to; by default the cloud with new logins. */
  readonly cloud?: Cloud | undefined;
}

/** Carries out the first steps of a plan; nobody may be refused after any of them. */
function carriedOut(
  world: World,
  plan: Plan,
  { steps = Number.POSITIVE_INFINITY, cloud = after }: Carrying = {},
): World {
  return actsOf(plan)
    .slice(0, steps)
    .reduce((now, act) => {
      const next = afterIn(now, act, cloudOf(cloud));
      expect([act, refused(next)]).toEqual([act, []]);
      return next;
    }, world);
}

test('while every login gets a new password, at no moment a process has one that is refused; in the end only the new ones work', () => {
  const world = begin(deployed(cloudOf(before)));
  expect([...world.used.values()].flat().length).toBeGreaterThan(20);
  const done = carriedOut(world, planned(world.hosts, after).plan);
  expect([...done.accepted].toSorted()).toEqual(
    rotated.map((secret) => loginIn(cloudOf(after), secret)).toSorted(),
  );
  expect(planned(done.hosts, after).plan.batches).toEqual([]);
});

test('killed after any step, the next run takes it up: still nobody is refused, and the former passwords go', () => {
  const world = begin(deployed(cloudOf(before)));
  const { plan } = planned(world.hosts, after);
  const wanted = rotated.map((secret) => loginIn(cloudOf(after), secret)).toSorted();
  for (const steps of actsOf(plan).keys()) {
    const killed = carriedOut(world, plan, { steps });
    const done = carriedOut(killed, planned(killed.hosts, after).plan);
    expect([...done.accepted].toSorted()).toEqual(wanted);
  }
});

test('killed after any step and taken back, the new passwords open nothing', () => {
  const world = begin(deployed(cloudOf(before)));
  const { plan } = planned(world.hosts, after);
  const former = rotated.map((secret) => loginIn(cloudOf(before), secret)).toSorted();
  for (const steps of actsOf(plan).keys()) {
    const killed = carriedOut(world, plan, { steps });
    const back = carriedOut(killed, planned(killed.hosts, before).plan, { cloud: before });
    expect([steps, [...back.accepted].toSorted()]).toEqual([steps, former]);
    expect(planned(back.hosts, before).plan.batches).toEqual([]);
  }
});

test("somebody's edit of what lets logins in is refused like any other", () => {
  const { hosts } = begin(deployed(cloudOf(before)));
  const path = '/etc/rabbitmq/definitions.json';
  const host = hosts.get('ctl02');
  const file = host?.files.get(path);
  if (host === undefined || file === undefined) throw new Error('no definitions');
  const files = new Map([...host.files, [path, { ...file, content: `${file.content} ` }] as const]);
  const { plan } = planned(new Map([...hosts, ['ctl02', { ...host, files }]]), after);
  expect(plan.changes).toContainEqual(expect.objectContaining({ host: 'ctl02', path, edited: true }));
  expect(plan.refusals.filter(({ kind }) => kind === 'drift').map(({ host: on }) => on)).toEqual(['ctl02']);
});

test('while a run leaves a host out, or is asked to, the former passwords stay in force', () => {
  const world = begin(deployed(cloudOf(before)));
  const former = rotated.map((secret) => loginIn(cloudOf(before), secret));
  for (const options of [{ limit: ['ctl01', 'ctl02', 'ctl03'] }, { keepFormer: true }]) {
    const done = carriedOut(world, planned(world.hosts, after, options).plan);
    expect([...done.accepted]).toEqual(expect.arrayContaining(former));
    // And go with the next one.
    const { plan } = planned(done.hosts, after);
    expect(actsOf(plan).filter(({ step }) => step.kind !== 'task')).toEqual([]);
    expect(carriedOut(done, plan).accepted.size).toBe(rotated.length);
  }
});

test('who lets the new logins in is not left out while others get them', () => {
  const { hosts } = begin(deployed(cloudOf(before)));
  const withheldFor = (limit: readonly string[]) =>
    planned(hosts, after, { limit })
      .plan.refusals.filter(({ message }) => message.includes('lets new logins in'))
      .map(({ kind, host }) => `${kind} ${host}`);
  // Galera, RabbitMQ and Keystone, each on its first member.
  expect(new Set(withheldFor(['ctl02', 'ctl03']))).toEqual(new Set(['degraded ctl01']));
  expect(withheldFor(['ctl01'])).toEqual(['degraded ctl02', 'degraded ctl03']);
  expect(withheldFor(['ctl01', 'ctl02', 'ctl03'])).toEqual([]);
});

test('a database that takes nobody is brought back before it is told of a login', () => {
  const world = begin(deployed(cloudOf(before)));
  const { topology } = cloudOf(after);
  const { plan } = planned(
    world.hosts,
    after,
    {},
    observeWhole(topology, { withoutDatabase: databaseHosts }),
  );
  const admitting = plan.batches.filter(({ title }) => title.includes('new logins'));
  // Keystone keeps its users there.
  expect(admitting.map(({ service }) => service)).toEqual(['rabbitmq']);
  expect(
    actsOf(plan).filter(({ step }) => step.kind === 'task' && step.name === 'galera-accounts'),
  ).toHaveLength(1);
});

test('a second rotation waits until the last one is wholly done', async () => {
  const world = begin(deployed(cloudOf(before)));
  const { plan } = planned(world.hosts, after);
  for (const steps of actsOf(plan).keys()) {
    if (steps % 7 !== 0) continue;
    const { hosts } = carriedOut(world, plan, { steps });
    const again = rotateKeys(inventory, rotated, {
      anyway: true,
      plan: async () => ({ ...planned(hosts, after), all: cloudOf(after).topology }),
    });
    await expect(again).rejects.toMatchObject({ code: 'not-confirmed' });
  }
});

test('a host that a run leaves out, and a former user that is still in force, bar the next rotation', async () => {
  const world = begin(deployed(cloudOf(before)));
  const again = (names: readonly string[], { plan, ...seen }: ReturnType<typeof planned>) =>
    rotateKeys(inventory, names, {
      anyway: true,
      plan: async () => ({ ...seen, plan, all: cloudOf(after).topology }),
    });
  const kept = carriedOut(world, planned(world.hosts, after, { keepFormer: true }).plan);
  await expect(again(['rabbitmq.openstack'], planned(kept.hosts, after))).rejects.toMatchObject({
    message: expect.stringContaining('RabbitMQ: former secrets go'),
  });
  const done = planned(carriedOut(world, planned(world.hosts, after).plan).hosts, after);
  const resting = {
    ...done,
    plan: {
      ...done.plan,
      missing: [{ host: 'ctl03', kind: 'maintenance', reason: '', capacity: [] } as const],
    },
  };
  await expect(again(['nova.database'], resting)).rejects.toMatchObject({
    message: expect.stringContaining('ctl03 is left out'),
  });
});

test('a user of Keystone or RabbitMQ takes its other name, and back', () => {
  for (const secret of [...users, 'rabbitmq.openstack']) {
    const [was, is] = [before, after].map((cloud) => secretOf(cloudOf(cloud).topology.secrets, secret));
    if (was === undefined || is === undefined) throw new Error('no secret');
    expect(loginName(userOf(secret), is)).toBe(otherLoginName(userOf(secret), was));
    expect(otherLoginName(userOf(secret), is)).toBe(loginName(userOf(secret), was));
  }
});
