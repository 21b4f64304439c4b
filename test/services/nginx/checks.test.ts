import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeAll } from '../../../src/model/check.ts';
import type { HostObservation, ObservedState } from '../../../src/model/observed.ts';
import { Secret } from '../../../src/model/secret.ts';
import { nginx } from '../../../src/services/nginx/index.ts';
import { probeName } from '../../../src/services/nginx/probe.ts';
import { coreListeners } from '../../support/listeners.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';

const hosts = fiveHosts();
const base = aTopology({ hosts, listeners: coreListeners(hosts) });
const served = Buffer.from('the certificate of the public VIP');
const topology = {
  ...base,
  certificates: {
    ...base.certificates,
    vips: {
      ...base.certificates.vips,
      public: {
        certificate: `-----BEGIN CERTIFICATE-----\n${served.toString('base64')}\n-----END CERTIFICATE-----\n`,
        key: new Secret('key'),
        signedBy: 'ours' as const,
        notBefore: 0,
        notAfter: 0,
      },
    },
  },
};
const fingerprint = (createHash('sha256').update(served).digest('hex').toUpperCase().match(/../g) ?? []).join(
  ':',
);
const instances = instancesFor('nginx', nginx.settings.parse({}), hosts.slice(3));

const good = `server horizon prx01 yes
server horizon prx02 yes
page public horizon 200 ${fingerprint} Jan_30_23:47:36_2029_GMT 
`;

function observed(
  printed: { readonly prx01: string; readonly prx02: string },
  { holder = 'prx01', state = 'active', served = {} as Readonly<Record<string, string>> } = {},
): ObservedState {
  const entries = Object.entries(printed).map(([host, stdout]): [string, HostObservation] => [
    host,
    {
      kind: 'reachable',
      host,
      bootId: 'b',
      clockSkewMilliseconds: 0,
      clockUncertaintyMilliseconds: 0,
      release: 'bookworm',
      files: new Map(),
      packages: new Map(),
      units: new Map([
        [
          'nginx.service',
          {
            loadState: 'loaded',
            activeState: state,
            subState: '',
            unitFileState: 'enabled',
            mainPid: 1,
            startedAtMicroseconds: 1,
          },
        ],
      ]),
      records: new Map(),
      appliedFiles: new Map(),
      membership: undefined,
      belongings: [],
      probes: new Map([
        [probeName, { exitCode: 0, stdout }],
        ['nginx.serves', { exitCode: 0, stdout: served[host] ?? 'not-installed\n' }],
      ]),
      addresses: host === holder ? ['10.77.0.102'] : [],
      cloud: undefined,
      format: undefined,
      diskFreeBytes: 0,
      memoryTotalBytes: 0,
      runningSteps: [],
    },
  ]);
  return { hosts: new Map(entries) };
}

const findings = (state: ObservedState) =>
  judgeAll(nginx.checks(instances, topology), state).results.flatMap(({ check, findings: found }) =>
    found.map(({ hosts: blamed, message }) => ({ check, hosts: blamed.join(), message })),
  );

test('two proxies that reach everything, and a page through the VIP, are healthy', () => {
  expect(findings(observed({ prx01: good, prx02: good }))).toEqual([]);
});

test('what the holder sees of itself does not count: the other proxy asks as a client does', () => {
  const none = good.replace(/^page.*$/m, 'page public horizon none ');
  expect(findings(observed({ prx01: good, prx02: none }))).toEqual([
    expect.objectContaining({ check: 'nginx.front', message: expect.stringContaining('answers nothing') }),
  ]);
  expect(findings(observed({ prx01: none, prx02: good }))).toEqual([]);
});

test('an error page is not an answer', () => {
  const bad = good.replace(' 200 ', ' 502 ');
  expect(findings(observed({ prx01: bad, prx02: bad }))).toEqual([
    expect.objectContaining({ message: 'horizon answers 502 through public (10.77.0.102)' }),
  ]);
});

test('a certificate that is not the deployed one is noticed', () => {
  const old = good.replace(fingerprint, 'AA:BB');
  expect(findings(observed({ prx01: old, prx02: old }))).toEqual([
    expect.objectContaining({ message: expect.stringContaining('another certificate') }),
  ]);
});

test('a server that a proxy does not reach is blamed', () => {
  const cut = good.replace('prx02 yes', 'prx02 no');
  expect(findings(observed({ prx01: cut, prx02: good }))).toEqual([
    { check: 'nginx.servers', hosts: 'prx02', message: 'prx01 does not reach horizon on prx02' },
  ]);
});

test('a stopped proxy and one that is not set up are red', () => {
  const checks = new Set(
    findings(observed({ prx01: 'not-installed\n', prx02: 'not-installed\n' }, { state: 'inactive' })).map(
      ({ check }) => check,
    ),
  );
  expect(checks).toEqual(new Set(['nginx.running', 'nginx.servers', 'nginx.front']));
});

test('who holds the VIP changes last, and the plan says that it is handed over first', () => {
  const state = observed({ prx01: good, prx02: good });
  expect(nginx.order?.(instances, topology, state).map(({ host }) => host.name)).toEqual(['prx02', 'prx01']);
  expect(
    instances.map((instance) => nginx.capacity?.(instance, topology, state, new Set(['nginx.service']))),
  ).toEqual(['nginx 1 of 2, public handed over first', 'nginx 1 of 2']);
});

test('a proxy without the VIP that would serve nobody is noticed; that none does is told of the VIP alone', () => {
  const said = (status: string) => `horizon/public ${status}\n`;
  const seen = (prx01: string, prx02: string) =>
    findings(observed({ prx01: good, prx02: good }, { served: { prx01: said(prx01), prx02: said(prx02) } }));
  expect(seen('200', '200')).toEqual([]);
  expect(seen('200', '503')).toEqual([
    {
      ...{ check: 'nginx.serves', hosts: 'prx02' },
      message: 'Nginx answers 503 for horizon on prx02, where clients would come to it',
    },
  ]);
  expect(seen('none', '200')).toEqual([expect.objectContaining({ hosts: 'prx01' })]);
  expect(seen('502', '502')).toEqual([]);
});
