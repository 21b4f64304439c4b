import { describe, expect, test } from 'vitest';
import type { ObservedState } from '../../../src/model/observed.ts';
import { galera } from '../../../src/services/galera/index.ts';
import { instances, observedWith, type Told, topology } from './members.ts';

const checks = galera.checks(instances, topology);

const findings = (observed: ObservedState) => checks.flatMap((check) => check.judge(observed));

const reds = (observed: ObservedState): readonly string[] =>
  findings(observed)
    .filter(({ severity }) => severity === 'red')
    .map(({ hosts, message }) => `${hosts.join(' ')}: ${message}`);

test('three Synced members, one writer and an answer through the VIP are healthy', () => {
  expect(findings(observedWith())).toEqual([]);
});

test.each<[string, Record<string, Told>, string]>([
  ['does not answer', { ctl02: { unreachable: true } }, 'ctl02: the host does not answer'],
  ['has no MariaDB', { ctl02: { installed: false } }, 'ctl02: MariaDB is not installed'],
  [
    'waits for its restart',
    { ctl02: { unit: 'activating/auto-restart' } },
    'ctl02: mariadb.service is activating/auto-restart',
  ],
  ['hangs', { ctl02: { answers: false } }, 'ctl02: MariaDB does not answer on its socket within 6 s'],
  [
    'lost the others',
    { ctl02: { values: { wsrep_cluster_status: 'non-Primary' } } },
    'ctl02: is in a non-Primary component',
  ],
  [
    'helps another',
    { ctl02: { values: { wsrep_local_state_comment: 'Donor/Desynced' } } },
    'ctl02: is Donor/Desynced',
  ],
  ['misses a member', { ctl02: { values: { wsrep_cluster_size: '2' } } }, 'ctl02: sees 2 of 3 members'],
  ['rejects queries', { ctl02: { values: { wsrep_reject_queries: 'ALL' } } }, 'ctl02: rejects queries'],
  ['was desynchronised', { ctl02: { values: { wsrep_desync: 'ON' } } }, 'ctl02: is desynchronised by hand'],
  [
    'lags behind',
    { ctl02: { values: { wsrep_local_recv_queue: '40' } } },
    'ctl02: has 40 write sets yet to apply',
  ],
])('a member that %s is named', (_what, told, message) => {
  expect(reds(observedWith(told))).toContain(message);
});

test('members of two clusters are a red finding that blames all, however well each is', () => {
  const other = { wsrep_cluster_state_uuid: 'another' };
  const found = findings(observedWith({ ctl03: { values: other } }));
  expect(found).toMatchObject([{ severity: 'red', hosts: ['ctl01', 'ctl02', 'ctl03'] }]);
});

test('a member short of room takes no writes, and one that has a little more does not take them back: that is said', () => {
  const withFree = (megabytes: number) =>
    findings(observedWith({ ctl03: { values: { free: String(megabytes * 1024 ** 2) } } }));
  expect(withFree(127)).toMatchObject([
    {
      severity: 'red',
      hosts: ['ctl03'],
      message: 'has 127 MB left for its data, and takes no writes while another member has more',
      hint: 'Make room on ctl03; it takes the writes again with 256 MB.',
    },
  ]);
  expect(withFree(128)).toMatchObject([{ severity: 'warning', message: 'has 128 MB left for its data' }]);
  expect(withFree(256)).toEqual([]);
});

test('a member in maintenance is shown and closes no gate', () => {
  const found = findings(observedWith({ ctl03: { values: { maintenance: 'yes' } } }));
  expect(found).toMatchObject([{ severity: 'warning', hosts: ['ctl03'] }]);
});

describe('the one writer', () => {
  test('sessions on another member than the writer are two writers', () => {
    expect(reds(observedWith({ ctl01: { sessions: [3, 1, 0] } }))).toEqual([
      'ctl01: 1 sessions are on ctl02 while ctl01 is the writer',
    ]);
  });

  test('no member up in HAProxy', () => {
    expect(reds(observedWith({ ctl01: { servers: ['DOWN', 'DOWN', 'MAINT'] } }))).toEqual([
      'ctl01: its HAProxy has no Galera member to send writes to',
    ]);
  });

  test('another member answers through the VIP than HAProxy says', () => {
    expect(reds(observedWith({ ctl02: { throughVip: 'ctl03' } }))).toEqual([
      'ctl02: reaches ctl03 through the VIP; the writer is ctl01',
    ]);
  });

  test('nobody answers through the VIP', () => {
    const silent = { throughVip: '' };
    expect(reds(observedWith({ ctl01: silent, ctl02: silent, ctl03: silent }))).toEqual([
      'ctl01: SQL through the database VIP does not answer',
    ]);
  });

  test('is left to the load balancers’ own checks while they are not there, or nobody holds the VIP', () => {
    const without: Told = { servers: 'none' };
    expect(reds(observedWith({ ctl01: without, ctl02: without, ctl03: without }))).toEqual([]);
    expect(reds(observedWith({ ctl01: { holdsVip: false } }))).toEqual([]);
  });
});

test('status shows who is the writer and what is wrong with whom', () => {
  const observed = observedWith({
    ctl01: { servers: ['DOWN', 'UP', 'UP'], unit: 'failed/failed' },
    ctl03: { unreachable: true },
  });
  expect(galera.status?.(instances, topology, observed)[0]?.rows).toEqual([
    ['ctl01', 'failed/failed', '', '', '', '', ''],
    ['ctl02', 'Synced', 'Primary', '3', '0', '', 'writer'],
    ['ctl03', 'unknown', '', '', '', '', ''],
  ]);
});

test('without the one in maintenance the others are well, whether it runs on or is off; strangers are told of', () => {
  const two = instances.slice(0, 2).map((each) => ({ ...each, members: each.members.slice(0, 2) }));
  const complete = galera.checks(two, topology).filter(({ name }) => name === 'galera.complete');
  const seeing = (size: string) => {
    const values = { wsrep_cluster_size: size };
    const state = observedWith({ ctl01: { values }, ctl02: { values }, ctl03: { unreachable: true } });
    return complete.flatMap((check) => check.judge(state)).map(({ message }) => message);
  };
  expect(seeing('3')).toEqual([]);
  expect(seeing('2')).toEqual([]);
  expect(seeing('1')).toEqual(['sees 1 of 2 members', 'sees 1 of 2 members']);
  expect(seeing('4')).toEqual(['sees 4 members, and 3 belong', 'sees 4 members, and 3 belong']);
});
