import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { galera } from '../../../src/services/galera/index.ts';
import { instances, names, observedWith, type Told, topology } from './members.ts';

const units = new Set(['mariadb.service']);

const order = (told: Record<string, Told>) =>
  galera.order?.(instances, topology, observedWith(told)).map(({ host }) => host.name) ?? [];

const instanceOn = (name: string) => {
  const instance = instances.find(({ host }) => host.name === name);
  if (!instance) throw new Error(`no instance on ${name}`);
  return instance;
};

const leave = (name: string, told: Record<string, Told> = {}) =>
  galera.leave?.(instanceOn(name), topology, observedWith(told), units) ?? [];

test('the writer changes last, whoever it is', () => {
  expect(order({})).toEqual(['ctl02', 'ctl03', 'ctl01']);
  expect(order({ ctl01: { remembered: 'ctl02' } })).toEqual(['ctl01', 'ctl03', 'ctl02']);
});

test('who is unwell changes first', () => {
  expect(order({ ctl03: { unit: 'failed/failed' } })).toEqual(['ctl03', 'ctl02', 'ctl01']);
});

const anyTold = fc.record({
  unit: fc.constantFrom('active/running', 'failed/failed', 'activating/auto-restart'),
  servers: fc.tuple(...names.map(() => fc.constantFrom('UP', 'DOWN', 'MAINT', 'UP 1/3'))),
  remembered: fc.constantFrom(...names),
  holdsVip: fc.boolean(),
});
const anyCluster = fc
  .tuple(anyTold, anyTold, anyTold)
  .map(([ctl01, ctl02, ctl03]) => ({ ctl01, ctl02, ctl03 }));

const writerIn = (told: Record<string, Told>): string | undefined => {
  const observed = observedWith(told);
  const rows = galera.status?.(instances, topology, observed)[0]?.rows ?? [];
  return rows.find((row) => row.at(-1) === 'writer')?.[0];
};

test('in whatever state the cluster is: each member once, and the writer last', () => {
  fc.assert(
    fc.property(anyCluster, (told) => {
      const sequence = order(told);
      expect([...sequence].sort()).toEqual(names);
      const writer = writerIn(told);
      if (writer !== undefined) expect(sequence.at(-1)).toBe(writer);
    }),
  );
});

describe('leaving', () => {
  test('a member that is not the writer is taken out of each HAProxy, and no session ends elsewhere', () => {
    const steps = leave('ctl02');
    expect(steps.map(({ host }) => host)).toEqual(names);
    for (const { script } of steps) expect(script).toContain('set server galera/ctl02 state maint');
  });

  test('the writer: connections wait, sessions end on it, it is taken out where the VIP is last, another answers', () => {
    expect(leave('ctl01').map(({ host, title }) => `${host}: ${title}`)).toEqual([
      'ctl01: wait for long transactions',
      'ctl02: apply all write sets',
      'ctl02: take ctl01 out',
      'ctl03: take ctl01 out',
      'ctl01: hold new SQL connections back',
      'ctl01: end idle SQL sessions',
      'ctl02: apply all write sets',
      'ctl01: take ctl01 out and let connections go',
      'ctl02: another member answers through the VIP',
    ]);
  });

  test('before HAProxy is there, nothing needs to be done', () => {
    const without: Told = { servers: 'none' };
    expect(leave('ctl01', { ctl01: without, ctl02: without, ctl03: without })).toEqual([]);
  });

  test('the writer stays when nobody could follow it', () => {
    const steps = leave('ctl01', { ctl01: { servers: ['UP', 'DOWN', 'MAINT'] } });
    expect(steps).toHaveLength(1);
    expect(steps[0]?.script).toContain('exit 1');
  });

  test('in whatever state the cluster is: takes out no other member, and every hold has its end', () => {
    fc.assert(
      fc.property(anyCluster, fc.constantFrom(...names), (told, name) => {
        const scripts = leave(name, told).map(({ script }) => script);
        const takenOut = scripts.flatMap((script) => /galera\/(\w+) state maint/.exec(script)?.[1] ?? []);
        expect(takenOut.every((taken) => taken === name)).toBe(true);
        const holds = scripts.filter((script) => script.includes('table inet mcp_galera_hold {')).length;
        const ends = scripts.filter((script) => script.startsWith('trap')).length;
        expect(ends).toBe(holds);
      }),
    );
  });
});

describe('rejoining', () => {
  const join = (told: Record<string, Told> = {}) =>
    galera.join?.(instanceOn('ctl02'), topology, observedWith(told)) ?? [];

  test('waits until it is Synced and then puts it back everywhere', () => {
    const [first, ...rest] = join();
    expect(first?.title).toBe('wait until the member is Synced');
    for (const { script } of rest) expect(script).toContain('set server galera/ctl02 state ready');
    expect(rest.map(({ host }) => host)).toEqual(names);
  });

  test('leaves a member alone that an operator has in maintenance', () => {
    expect(join({ ctl02: { values: { maintenance: 'yes' } } })).toHaveLength(1);
  });
});

describe('what is left while a member changes', () => {
  const capacity = (name: string, told: Record<string, Told> = {}) =>
    galera.capacity?.(instanceOn(name), topology, observedWith(told), units);

  test.each<[string, Record<string, Told>, string]>([
    ['ctl02', {}, 'galera 2 of 3, writer ctl01'],
    ['ctl01', {}, 'galera 2 of 3, writer moves from ctl01 to ctl02'],
    ['ctl02', { ctl03: { unit: 'failed/failed' } }, 'galera 1 of 3, writer ctl01'],
  ])('%s', (name, told, words) => {
    expect(capacity(name, told)).toBe(words);
  });
});

test('every member that answers carries something, and the writer the writes besides', () => {
  const member = 'is a member of the database cluster';
  const writes = 'takes the writes of the database';
  const carried = (told: Record<string, Told>) =>
    names.map((name) => galera.carries?.(instanceOn(name), topology, observedWith(told)));
  expect(carried({})).toEqual([[writes, member], [member], [member]]);
  expect(carried({ ctl01: { remembered: 'ctl02' } })[1]).toEqual([writes, member]);
  expect(carried({ ctl03: { unit: 'inactive/dead' } })[2]).toEqual([]);
});
