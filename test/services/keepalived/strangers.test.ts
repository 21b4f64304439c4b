import { expect, test } from 'vitest';
import type { Member } from '../../../src/model/membership.ts';
import { memberOf } from '../../../src/model/membership.ts';
import type { HostObservation } from '../../../src/model/observed.ts';
import { judgeStrangers } from '../../../src/services/keepalived/strangers.ts';
import { observed, observedHost, unreachableHost } from '../../support/observed.ts';
import { aTopology, hostNamed, usualVips } from '../../support/topology.ts';

const proxy = (number: number) =>
  hostNamed(`prx0${number}`, { address: `10.77.0.1${number}`, roles: ['proxy'] });
const hosts = [1, 2].map(proxy);
const topology = aTopology({ hosts, vips: usualVips(hosts) });
const vip = topology.vips.find(({ role }) => role === 'proxy');
if (!vip) throw new Error('no VIP');

const macOf = { prx01: '02:00:00:00:00:01', prx02: '02:00:00:00:00:02' };
const foreign = '02:ab:00:00:00:01';

interface Heard {
  readonly beside?: number;
  readonly addresses?: readonly string[];
}
interface Said {
  readonly holds?: boolean;
  readonly heard?: Readonly<Record<string, Heard>>;
  /** Seconds since it looked. */
  readonly age?: number;
  readonly forgotten?: readonly Member[];
}

function saying(
  host: keyof typeof macOf,
  { holds = false, heard = {}, age = 1, forgotten = [] }: Said = {},
): HostObservation {
  const stations = Object.entries(heard).map(([mac, each]) => ({ mac, beside: 0, addresses: [], ...each }));
  const file = age === Infinity ? '' : JSON.stringify({ looked: 1000 - age, stations });
  return observedHost(host, {
    addresses: holds && vip ? [vip.address] : [],
    units: { 'mcp-vip-watch.service': 'active' },
    membership: { generation: 1, members: hosts.map(memberOf), forgotten },
    probes: {
      'keepalived.vips': `maintenance=0\nstations.public=${file}\nuptime=1000.00\nmacs= 00:00:00:00:00:00 ${macOf[host]}\n`,
    },
  });
}

const findings = (...said: readonly HostObservation[]) =>
  vip ? judgeStrangers(vip, topology, observed(...said)) : [];

test('a holder that answers alone is well', () => {
  expect(
    findings(saying('prx01', { holds: true }), saying('prx02', { heard: { [macOf.prx01]: {} } })),
  ).toEqual([]);
});

test('a foreign machine is red from its first answer, by its MAC address and beside whom', () => {
  const found = findings(
    saying('prx01', { holds: true, heard: { [foreign]: { beside: 1 } } }),
    saying('prx02', { heard: { [macOf.prx01]: { beside: 1 }, [foreign]: { beside: 1 } } }),
  );
  expect(found).toEqual([
    {
      severity: 'red',
      hosts: [],
      message: `${foreign} answers for public (${vip.address}) beside prx01: it is none of this cloud's hosts`,
      hint: expect.stringContaining('"ip neigh" on prx01 or prx02'),
    },
  ]);
});

test('a foreign machine that has a VIP which none of ours holds is red, too', () => {
  const found = findings(saying('prx01', { heard: { [foreign]: {} } }), saying('prx02'));
  expect(found).toMatchObject([
    { severity: 'red', message: expect.stringContaining('while no host of ours holds it') },
  ]);
});

test('a host that was forgotten and kept its Keepalived is called by its name', () => {
  const forgotten = [memberOf(proxy(3))];
  const heard = { [foreign]: { beside: 3, addresses: ['10.77.0.13'] } };
  const found = findings(saying('prx01', { holds: true, heard, forgotten }), saying('prx02'));
  expect(found).toMatchObject([
    {
      severity: 'red',
      message: `prx03 (${foreign}), which no longer belongs to this cloud, answers for public (${vip.address}) beside prx01`,
    },
  ]);
});

test('while its address is not known it is only suspected', () => {
  const forgotten = [memberOf(proxy(3))];
  const found = findings(
    saying('prx01', { holds: true, heard: { [foreign]: { beside: 3 } }, forgotten }),
    saying('prx02'),
  );
  expect(found).toMatchObject([{ severity: 'red', hint: expect.stringContaining('It may be prx03.') }]);
});

test('a VIP that was handed over since the last question is well', () => {
  expect(
    findings(
      saying('prx01', { heard: {} }),
      saying('prx02', { holds: true, heard: { [macOf.prx01]: { beside: 0 } } }),
    ),
  ).toEqual([]);
  expect(
    findings(saying('prx01'), saying('prx02', { holds: true, heard: { [macOf.prx01]: { beside: 1 } } })),
  ).toEqual([]);
});

test('a host of ours that goes on to answer beside the holder is red', () => {
  const found = findings(
    saying('prx01'),
    saying('prx02', { holds: true, heard: { [macOf.prx01]: { beside: 2 } } }),
  );
  expect(found).toMatchObject([
    {
      severity: 'red',
      hosts: ['prx01'],
      message: expect.stringMatching(/^prx01 \(02:00:00:00:00:01\) answers for public .* beside prx02/),
    },
  ]);
});

test('a host that does not answer us and still holds a VIP alone is no stranger', () => {
  expect(
    findings(unreachableHost('prx01'), saying('prx02', { heard: { [macOf.prx01]: { beside: 0 } } })),
  ).toEqual([]);
});

test('a host that does not answer us and holds a VIP beside another is red, by its address where that is known', () => {
  const unnamed = saying('prx02', { holds: true, heard: { [macOf.prx01]: { beside: 2 } } });
  expect(findings(unreachableHost('prx01'), unnamed)).toMatchObject([
    { severity: 'red', hint: expect.stringContaining('It may be prx01.') },
  ]);
  const heard = { [macOf.prx01]: { beside: 2, addresses: ['10.77.0.11'] } };
  expect(findings(unreachableHost('prx01'), saying('prx02', { holds: true, heard }))).toMatchObject([
    { severity: 'red', hosts: [], message: expect.stringMatching(/^prx01 .* and does not answer us$/) },
  ]);
});

test('what was found long ago says nothing, and that nobody looks is told', () => {
  for (const age of [11, Infinity]) {
    const found = findings(
      saying('prx01', { holds: true, heard: { [foreign]: { beside: 1 } }, age }),
      saying('prx02', { heard: { [macOf.prx01]: {} } }),
    );
    expect(found).toEqual([
      { severity: 'warning', hosts: ['prx01'], message: 'nobody looks for strangers on prx01 (public)' },
    ]);
  }
});

test('a gateway that answers for every host of a network closes no gate', () => {
  const heard = { [foreign]: { beside: 9, addresses: ['10.77.0.11', '10.77.0.12'] } };
  const found = findings(saying('prx01', { holds: true, heard }), saying('prx02'));
  expect(found.map(({ severity }) => severity)).toEqual(['warning']);
});
