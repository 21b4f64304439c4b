import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { HostObservation } from '../../../src/model/observed.ts';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { parseBalancer } from '../../../src/services/haproxy/replies.ts';
import { coreListeners } from '../../support/listeners.ts';
import { observed, observedHost, unreachableHost } from '../../support/observed.ts';
import { aTopology, hostNamed, instancesFor } from '../../support/topology.ts';

const reply = (name: string) => readFile(new URL(`replies/${name}.txt`, import.meta.url), 'utf8');
const sqlHealthy = await reply('sql-healthy');
const apiHealthy = await reply('api-healthy');

const hosts = [1, 2, 3].map((number) =>
  hostNamed(`e${number}`, { address: `10.88.0.1${number}`, roles: ['control', 'database', 'messaging'] }),
);
const topology = aTopology({ hosts, listeners: coreListeners(hosts) });
const instances = instancesFor('haproxy', haproxy.settings.parse({}), hosts);

const saying = (host: string, sql = sqlHealthy, api = apiHealthy) =>
  observedHost(host, {
    units: { 'haproxy-api.service': 'active', 'haproxy-sql.service': 'active' },
    probes: { 'haproxy.haproxy-sql': sql, 'haproxy.haproxy-api': api },
  });

const findings = (...said: readonly HostObservation[]) =>
  haproxy.checks(instances, topology).flatMap((check) => check.judge(observed(...said)));

test('three load balancers that see all servers have nothing to be blamed for', () => {
  expect(findings(saying('e1'), saying('e2'), saying('e3'))).toEqual([]);
});

test('a server that is down is red and says what HAProxy saw; one in maintenance is only mentioned', async () => {
  const sick = await reply('sql-e2-down-e3-maintenance');
  const found = findings(saying('e1', sick), saying('e2', sick), saying('e3', sick));
  expect(found).toMatchObject([
    {
      severity: 'red',
      hosts: ['e2'],
      message: expect.stringMatching(/galera\/e2 is DOWN.*seen from e1, e2, e3/),
    },
    { severity: 'warning', hosts: ['e3'], message: expect.stringContaining('galera/e3 is in maintenance') },
  ]);
});

test('load balancers that remember different writers are red', () => {
  const other = sqlHealthy.replace('server_key=e1', 'server_key=e2');
  const [finding, ...more] = findings(saying('e1'), saying('e2', other), saying('e3'));
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    severity: 'red',
    message: expect.stringContaining('e1 on e1, e3, e2 on e2'),
  });
});

test('a load balancer that no client came to yet does not disagree', () => {
  const fresh = sqlHealthy.replace(/server_id=\S+ server_key=\S+/, '');
  expect(findings(saying('e1'), saying('e2', fresh), saying('e3'))).toEqual([]);
});

test('a peer that is not connected is red, for the writer would be forgotten', () => {
  const alone = sqlHealthy.replace(/(id=e3.*last_status=)ESTA/, '$1CONN');
  expect(findings(saying('e1', alone), saying('e2'), saying('e3', asToldBy('e3')))).toMatchObject([
    { severity: 'red', hosts: ['e1'], message: expect.stringContaining('peer e3') },
  ]);
});

test('a newcomer whom its peers have not been told of yet is no trouble', () => {
  const alone = sqlHealthy.replace(/(id=e3.*last_status=)ESTA/, '$1CONN');
  const knowsNobody = asToldBy('e3').replace(/^.*id=e1\(remote.*\n/m, '');
  expect(findings(saying('e1', alone), saying('e2'), saying('e3', knowsNobody))).toEqual([]);
});

/** The recorded reply is that of e1; another calls itself the local one. */
const asToldBy = (host: string): string =>
  sqlHealthy.replaceAll(/id=(e\d)\((\w+),/g, (_line, name: string, kind: string) => {
    const other = name === 'e1' ? host : name === host ? 'e1' : name;
    return `id=${other}(${kind},`;
  });

test('a load balancer that does not run, and one that can not be asked, are red', async () => {
  const stopped = observedHost('e1', {
    units: { 'haproxy-api.service': 'failed', 'haproxy-sql.service': 'active' },
    probes: { 'haproxy.haproxy-sql': sqlHealthy, 'haproxy.haproxy-api': await reply('not-running') },
  });
  expect(findings(stopped, saying('e2'), unreachableHost('e3')).map(({ message }) => message)).toEqual([
    'haproxy-api is failed on e1',
    'haproxy-api can not be asked on e3',
    'haproxy-sql can not be asked on e3',
  ]);
});

test('a quoted cell with a comma does not shift the statistics', () => {
  const stat = '### show stat -1 6 -1\n# pxname,svname,status,last_chk\na,s1,DOWN,"no, ""thanks"""\n';
  expect(parseBalancer(stat)?.servers).toEqual([
    { listener: 'a', server: 's1', status: 'DOWN', lastCheck: 'no, "thanks"' },
  ]);
});

const api = 'haproxy-api.service';
const sql = 'haproxy-sql.service';

test.each<[string, readonly string[], readonly string[], string]>([
  [
    'only the APIs are reloaded: the database stays where it is',
    [api],
    ['e2: can take control', 'e1: hand control over to e2', 'e3: control answers on 10.88.0.100:15672'],
    'haproxy 2 of 3, control handed over first',
  ],
  [
    'both are restarted',
    [api, sql],
    [
      'e2: can take control',
      'e1: hand control over to e2',
      'e3: control answers on 10.88.0.100:15672',
      'e2: can take database',
      'e1: hand database over to e2',
      'e3: database answers on 10.88.0.101:3306',
    ],
    'haproxy 2 of 3, control and database handed over first',
  ],
  ["the package's own load balancer is stopped", ['haproxy.service'], [], 'haproxy 2 of 3'],
])('what leaves a host when %s', (_what, units, titles, capacity) => {
  const [first] = instances;
  if (!first) throw new Error('no instance');
  const running = { 'keepalived.service': 'active', [api]: 'active', [sql]: 'active' };
  const state = observed(
    observedHost('e1', { units: running, addresses: topology.vips.map(({ address }) => address) }),
    ...['e2', 'e3'].map((host) => observedHost(host, { units: running })),
  );
  const steps = haproxy.leave?.(first, topology, state, new Set(units)) ?? [];
  expect(steps.map(({ host, title }) => `${host}: ${title}`)).toEqual(titles);
  expect(haproxy.capacity?.(first, topology, state, new Set(units))).toBe(capacity);
});

test('what load balancers would send to a host is what it carries; who is down or taken out gets nothing', async () => {
  const sick = await reply('sql-e2-down-e3-maintenance');
  const carried = (host: string) => {
    const [instance] = instances.filter((each) => each.host.name === host);
    const seen = observed(saying('e1', sick, ''), saying('e2', sick, ''));
    return instance && haproxy.carries?.(instance, { ...topology, instances }, seen);
  };
  expect(carried('e1')).toEqual(['gets requests for galera from e1', 'gets requests for galera from e2']);
  expect(carried('e2')).toEqual([]);
  expect(carried('e3')).toEqual([]);
});

test('a load balancer that has servers and does not pass on what they say is red, also without the VIP', () => {
  const api = apiHealthy.replaceAll(/^api,/gm, 'rabbitmq-management,');
  const serving = (host: string, status: string, said = api) =>
    observedHost(host, {
      units: { 'haproxy-api.service': 'active', 'haproxy-sql.service': 'active' },
      probes: {
        'haproxy.haproxy-sql': sqlHealthy,
        'haproxy.haproxy-api': said,
        'haproxy.serves-haproxy-api': status,
      },
    });
  const page = (status: string) => `rabbitmq-management/control ${status}\n`;
  const well = serving('e1', page('200'));
  expect(findings(well, serving('e2', page('200')), serving('e3', 'not-installed\n'))).toEqual([]);
  expect(findings(well, serving('e2', page('503')), serving('e3', page('none')))).toMatchObject([
    {
      ...{ severity: 'red', hosts: ['e2', 'e3'] },
      message: 'haproxy-api has servers for rabbitmq-management and answers 503 on e2, e3',
    },
  ]);
  // Where no server is up, that is told of the service.
  const none = api.replaceAll(/\bUP\b/g, 'DOWN');
  const found = findings(
    serving('e1', page('503'), none),
    serving('e2', page('503'), none),
    serving('e3', page('503'), none),
  );
  expect(found.map(({ message }) => message).join('\n')).not.toContain('has servers for');
  expect(found).not.toEqual([]);
});
