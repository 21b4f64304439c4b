import { expect, test } from 'vitest';
import type { ObservedFile } from '../../../src/model/observed.ts';
import { host } from '../../../src/services/host/index.ts';
import { observed, observedHost } from '../../support/observed.ts';
import { aTopology, hostNamed, instancesFor } from '../../support/topology.ts';

const names = ['ctl01', 'ctl02', 'prx01'];
const instances = instancesFor(
  'host',
  host.settings.parse({}),
  names.map((name, index) => hostNamed(name, { address: `10.77.0.1${index}`, roles: ['control'] })),
);

const [ours, company] = ['MIIBours', 'MIIBcompany'].map(
  (body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
);

/** What is in the way of hosts that trust one thing each (undefined: a blank host) and are to trust another. */
function obstacles(now: readonly (string | undefined)[], after: readonly (string | undefined)[]) {
  const topology = aTopology({});
  const path = `/usr/local/share/ca-certificates/mcp-${topology.cloud}.crt`;
  const found = (content: string): ObservedFile => ({
    ...{ kind: 'different', sha256: 'x', mode: '0644', owner: 'root', group: 'root' },
    content: `# Written by mcp.\n${content}`,
  });
  return host.obstacles?.(
    instances,
    topology,
    observed(
      ...names.map((name, index) => {
        const content = now[index];
        return observedHost(name, { files: new Map(content === undefined ? [] : [[path, found(content)]]) });
      }),
    ),
    (name, asked) => (asked === path ? after[names.indexOf(name)] : undefined),
  );
}
const all = (text: string | undefined) => names.map(() => text);

test('from one authority to another the way goes over both, and back', () => {
  const both = `${ours}${company}`;
  expect(obstacles(all(ours), all(both))).toEqual([]);
  expect(obstacles(all(both), all(company))).toEqual([]);
  expect(obstacles(all(company), all(both))).toEqual([]);
  expect(obstacles(all(both), all(ours))).toEqual([]);
  expect(obstacles(all(company), all(ours))).toEqual([
    {
      host: 'ctl01',
      message: expect.stringContaining('ctl01, ctl02, prx01 trust none of the authorities'),
      hint: expect.stringContaining('into ca.crt beside the new one'),
    },
  ]);
});

test('hosts that a change leaves out, and those it was cut off before, count with what they trust', () => {
  expect(obstacles([ours, ours, company], [ours, ours, company])).toMatchObject([{ host: 'ctl01' }]);
  const both = `${ours}${company}`;
  expect(obstacles([both, both, ours], all(company))).toMatchObject([{ host: 'prx01' }]);
  expect(obstacles([both, both, ours], all(both))).toEqual([]);
});

test('a host that trusts nobody yet is in nobody’s way', () => {
  expect(obstacles([ours, ours, undefined], all(ours))).toEqual([]);
  expect(obstacles(all(undefined), all(ours))).toEqual([]);
});
