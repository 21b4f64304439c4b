import { expect, test } from 'vitest';
import { everythingIn, sortByCause } from '../../src/model/cause.ts';
import { type Found, foundIn, judgeAll } from '../../src/model/check.ts';
import { checksOf } from '../../src/model/service.ts';
import { instancesOf } from '../../src/model/topology.ts';
import { statusAsText } from '../../src/report/index.ts';
import { services } from '../../src/services/index.ts';
import { observeWhole, type Told } from '../support/lab-observed.ts';
import { wholeTopology } from '../support/openstack.ts';
import { elevenHosts, fiveHosts } from '../support/topology.ts';

const five = wholeTopology(fiveHosts(), { tls: false });

/** What a status has of the five hosts, or of others. */
function statusOf(told: Told, topology = five) {
  const observed = observeWhole(topology, told);
  const health = judgeAll(checksOf(services, topology), observed);
  const sections = services.flatMap((service) =>
    (service.status?.(instancesOf(topology, service.name), topology, observed) ?? []).map((section) => ({
      ...section,
      service: service.name,
    })),
  );
  const sorted = sortByCause(foundIn(health), { services, topology, observed });
  return { cloud: 'lab', sections, health, sorted };
}

const messages = (found: readonly Found[]): readonly string[] => found.map(({ finding }) => finding.message);
const causesOf = (told: Told, topology = five) => messages(statusOf(told, topology).sorted.causes);
const othersOf = (told: Told) => messages(statusOf(told).sorted.others);

const databaseOut = { withoutDatabase: ['ctl01', 'ctl02', 'ctl03'] };
const controlHosts = ['ctl01', 'ctl02', 'ctl03'];

test('a cloud that is well has neither causes nor findings', () => {
  expect(statusOf({}).health.healthy).toBe(true);
  expect(everythingIn(statusOf({}).sorted)).toEqual([]);
});

test.each([...controlHosts, 'prx01', 'prx02'])(
  '%s alone is dead: one cause, from which all the rest follows',
  (host) => {
    const { sorted, health } = statusOf({ dead: [host] });
    expect(messages(sorted.causes)).toEqual([`${host} does not answer`]);
    expect(sorted.others).toEqual([]);
    expect(sorted.causes[0]?.follows.length).toBeGreaterThan(5);
    expect(everythingIn(sorted)).toHaveLength(foundIn(health).length);
    expect(health.healthy).toBe(false);
  },
);

test('the status of a dead host begins with it, says what is left, and fits on one screen', () => {
  const status = statusOf({ dead: ['ctl02'] });
  const lines = statusAsText(status).split('\n');
  expect(lines[0]).toBe('✗ ctl02 does not answer');
  expect(lines[1]).toMatch(/^ {2}left without it: galera 2 of 3, rabbitmq 2 of 3, /);
  expect(lines[2]).toMatch(/^ {2}\d+ findings follow from it; --verbose shows them$/);
  expect(lines.at(-1)).toMatch(/^lab is degraded: \d+ of \d+ checks failed from 1 cause$/);
  expect(lines.length).toBeLessThanOrEqual(45);
});

test('with --verbose nothing is folded and no table is left out', () => {
  const status = statusOf({ dead: ['ctl02'] });
  const text = statusAsText(status, { telling: 'everything' });
  for (const { finding } of foundIn(status.health)) expect(text).toContain(finding.message);
  for (const { title } of status.sections) expect(text).toContain(`\n${title}\n`);
});

test('an ill service beside a dead host stands beside it, with its table', () => {
  const status = statusOf({ dead: ['ctl02'], failed: { ctl03: ['glance-api.service'] } });
  expect(messages(status.sorted.causes)).toEqual(['ctl02 does not answer']);
  expect(messages(status.sorted.others)).toEqual([
    'glance-api.service failed on ctl03',
    'glance-api.service is failed on ctl03',
  ]);
  const text = statusAsText(status);
  expect(text).toContain('✗ glance.running  ctl03: glance-api.service is failed on ctl03');
  expect(text).toContain('\nGlance\n');
  expect(text).not.toContain('\nKeystone\n');
  expect(text).toContain('from 1 cause and 2 findings beside it');
});

test('a member that misses more than the dead one is ill itself, although it would say so in other words', () => {
  expect(othersOf({ dead: ['ctl02'], sees: { ctl01: 1 } })).toEqual(['sees 1 of 3 members']);
});

test('a server that is down on a host that answers does not follow from another that is dead', () => {
  expect(othersOf({ dead: ['ctl02'], down: ['nova/ctl03'] })).toEqual([
    expect.stringContaining('nova/ctl03 is DOWN'),
  ]);
});

test('what follows from nothing is listed as ever, and no table is left out for it', () => {
  const status = statusOf({ failed: { prx02: ['keepalived.service'] } });
  expect(status.sorted.causes).toEqual([]);
  expect(messages(status.sorted.others)).toContain('Keepalived is failed on prx02');
  expect(statusAsText(status)).toMatch(/^VIPs\n|\nVIPs\n/);
});

test('a database that serves nobody is the cause of what its clients suffer', () => {
  const told = { ...databaseOut, apisFail: controlHosts, down: controlHosts.map((host) => `galera/${host}`) };
  const { sorted } = statusOf(told);
  expect(messages(sorted.causes)).toEqual([expect.stringContaining('the database takes no clients')]);
  expect(sorted.others).toEqual([]);
  expect(messages(sorted.causes[0]?.follows ?? [])).toEqual(
    expect.arrayContaining([
      'is in a non-Primary component',
      'keystone answers 500 on ctl01',
      'neutron answers 500 on ctl03',
      expect.stringContaining('no server behind galera is up'),
    ]),
  );
});

test('a load balancer that has failed while the database is out is a trouble of its own', () => {
  const failed = { ctl03: ['keepalived.service'], prx01: ['nginx.service'] };
  expect(othersOf({ ...databaseOut, failed })).toEqual(
    expect.arrayContaining(['Keepalived is failed on ctl03', 'Nginx is failed']),
  );
});

test('hosts whose death takes the quorum stand first, each with its own; then what is out for clients', () => {
  const { sorted } = statusOf({ dead: ['ctl02', 'ctl03'], apisFail: ['ctl01'] });
  expect(messages(sorted.causes)).toEqual([
    'ctl02 does not answer',
    'ctl03 does not answer',
    expect.stringContaining('the database takes no clients'),
    expect.stringContaining('the message broker takes no clients'),
  ]);
  const [first, second, database] = sorted.causes;
  expect(first?.capacity).toContain('galera 1 of 3');
  expect(messages(second?.follows ?? [])).toContain('keystone could not be asked in time on ctl03');
  expect(messages(first?.follows ?? [])).not.toContain('keystone could not be asked in time on ctl03');
  expect(messages(database?.follows ?? [])).toContain('keystone answers 500 on ctl01');
  expect(sorted.others).toEqual([]);
});

test('where all hosts of the database are dead, its clients on other hosts suffer from that it is out', () => {
  const eleven = wholeTopology(elevenHosts(), { tls: false });
  const told = { dead: ['dbs01', 'dbs02', 'dbs03'], apisFail: controlHosts };
  expect(causesOf(told, eleven).slice(3)).toEqual(
    expect.arrayContaining([expect.stringContaining('the database takes no clients')]),
  );
  expect(messages(statusOf(told, eleven).sorted.others)).toEqual([]);
});

test('a writer that no load balancer finds is an outage, however well the members are', () => {
  const told = { down: controlHosts.map((host) => `galera/${host}`), apisFail: controlHosts };
  const { sorted } = statusOf(told);
  expect(messages(sorted.causes)).toEqual(['no server behind galera is up, seen from ctl01, ctl02, ctl03']);
  expect(messages(sorted.causes[0]?.follows ?? [])).toContain('glance answers 500 on ctl02');
  expect(sorted.others).toEqual([]);
});

test('a broker that is down everywhere is the cause of what the APIs suffer, and not of the database’s troubles', () => {
  const { sorted } = statusOf({
    withoutBroker: controlHosts,
    apisFail: controlHosts,
    sees: { ctl01: 2 },
  });
  expect(messages(sorted.causes)).toEqual([expect.stringContaining('the message broker takes no clients')]);
  expect(messages(sorted.others)).toEqual(['sees 2 of 3 members']);
});
