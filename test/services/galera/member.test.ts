import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSynced, parseMember } from '../../../src/services/galera/member.ts';

/** What the probe printed on a lab host, Debian 12. */
const recorded = (name: string) =>
  parseMember('ctl01', readFileSync(new URL(`replies/${name}.txt`, import.meta.url), 'utf8'));

test('a Synced member', () => {
  const member = recorded('synced');
  expect(member).toMatchObject({
    installed: true,
    unit: 'active/running',
    answers: true,
    component: 'Primary',
    state: 'Synced',
    ready: true,
    size: 3,
    backlog: 0,
    view: { own: expect.any(String), members: { length: 3 } },
    maintenance: false,
    throughVip: 'ctl01',
  });
  expect(member.dataOf).toBe(member.clusterId);
  expect(isSynced(member)).toBe(true);
});

test('its HAProxy’s view of all members', () => {
  expect(recorded('synced').balancer).toEqual({
    servers: [
      { name: 'ctl01', state: 'up', sessions: 0 },
      { name: 'ctl02', state: 'up', sessions: 0 },
      { name: 'ctl03', state: 'up', sessions: 0 },
    ],
    remembered: 'ctl01',
  });
});

test('a member that receives a full copy belongs to no cluster yet', () => {
  expect(recorded('copying')).toMatchObject({
    unit: 'activating/start',
    answers: false,
    copying: true,
    dataOf: undefined,
  });
});

test('a donor', () => {
  expect(recorded('donor')).toMatchObject({ state: 'Donor/Desynced', component: 'Primary', ready: true });
});

test('a member that was killed waits for its restart and remembers its group', () => {
  expect(recorded('killed')).toMatchObject({
    unit: 'activating/auto-restart',
    answers: false,
    view: { own: expect.any(String), members: { length: 3 } },
    saved: { seqno: -1, safe: false },
  });
});

test('a frozen member looks active to systemd and does not answer', () => {
  expect(recorded('frozen')).toMatchObject({ unit: 'active/running', answers: false });
});

test('a member that lost the others is in no Primary component', () => {
  const member = recorded('alone');
  expect(member).toMatchObject({ answers: true, component: 'non-Primary', ready: false, size: 1 });
  expect(isSynced(member)).toBe(false);
});

test('a host without the packages', () => {
  expect(parseMember('ctl01', 'installed=no\n')).toMatchObject({
    installed: false,
    answers: false,
    balancer: undefined,
  });
});
