import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { McpError } from '../../../src/model/failure.ts';
import type { HostObservation } from '../../../src/model/observed.ts';
import { host } from '../../../src/services/host/index.ts';
import { observed, observedHost, unreachableHost } from '../../support/observed.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';

const clock = await readFile(new URL('replies/own-clock.txt', import.meta.url), 'utf8');
const hosts = fiveHosts().slice(0, 2);
const instances = instancesFor('host', host.settings.parse({}), hosts);
const findings = (...said: readonly HostObservation[]) =>
  host.checks(instances, aTopology({ hosts })).flatMap((check) => check.judge(observed(...said)));

const well = (name: string, wanted: Parameters<typeof observedHost>[1] = {}) =>
  observedHost(name, {
    probes: { 'host.clock': clock },
    units: { 'mcp-firewall.service': 'active' },
    ...wanted,
  });

test('hosts that follow each other without a source outside are healthy', () => {
  expect(findings(well('ctl01'), well('ctl02'))).toEqual([]);
});

test('a host that does not answer is red', () => {
  expect(findings(well('ctl01'), unreachableHost('ctl02'))).toMatchObject([
    { severity: 'red', hosts: ['ctl02'] },
  ]);
});

test('why a host does not answer stands behind that it does not; one that turns us away is not said to be silent', () => {
  const said = (code: 'unreachable' | 'login-refused', why: string) => {
    const failure = new McpError(code, `ctl02: ${why}`, { hint: 'do this' });
    return findings(well('ctl01'), { kind: 'unreachable', host: 'ctl02', failure });
  };
  expect(said('unreachable', 'no route')).toMatchObject([
    { message: 'ctl02 does not answer: no route', hint: 'do this', outage: 'host' },
  ]);
  expect(said('login-refused', 'no such key')).toMatchObject([{ message: 'ctl02: no such key' }]);
});

test('clocks that are apart are red by their difference, not by their distance to ours', () => {
  const late = { clockSkewMilliseconds: 90_000 };
  expect(findings(well('ctl01', late), well('ctl02', late))).toEqual([]);
  expect(findings(well('ctl01', late), well('ctl02', { clockSkewMilliseconds: 89_000 }))).toMatchObject([
    { severity: 'red', message: "the clock of ctl01 is at least 1000 ms ahead of ctl02's" },
  ]);
});

test('hosts that were slow to answer are not said to have clocks that are apart', () => {
  const slow = { clockSkewMilliseconds: 900, clockUncertaintyMilliseconds: 800 };
  const prompt = { clockSkewMilliseconds: 0, clockUncertaintyMilliseconds: 20 };
  expect(findings(well('ctl01', slow), well('ctl02', prompt))).toEqual([]);
  const surely = { clockSkewMilliseconds: 9000, clockUncertaintyMilliseconds: 800 };
  expect(findings(well('ctl01', surely), well('ctl02', prompt))).toMatchObject([
    { severity: 'red', message: "the clock of ctl01 is at least 8180 ms ahead of ctl02's" },
  ]);
});

test('a clock without any source is worth a look', () => {
  const lost = clock.replace('Normal', 'Not synchronised');
  expect(findings(well('ctl01'), well('ctl02', { probes: { 'host.clock': lost } }))).toMatchObject([
    { severity: 'warning', hosts: ['ctl02'] },
  ]);
});

test('a disk that fills up is mentioned before it is red', () => {
  const found = findings(well('ctl01', { diskFreeBytes: 1.5e9 }), well('ctl02', { diskFreeBytes: 0.5e9 }));
  expect(found.map(({ severity }) => severity)).toEqual(['warning', 'red']);
});

test('a managed unit that failed is red by its name', () => {
  expect(
    findings(well('ctl01'), well('ctl02', { units: { 'mcp-firewall.service': 'failed' } })),
  ).toMatchObject([{ severity: 'red', message: 'mcp-firewall.service failed on ctl02' }]);
});
