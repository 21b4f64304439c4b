import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ObservedState } from '../../../src/model/observed.ts';
import { memcached } from '../../../src/services/memcached/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts } from '../../support/topology.ts';

const settings = memcached.settings.parse({});
const answer = readFileSync(new URL('replies/bookworm.txt', import.meta.url), 'utf8');

const instancesOn = (hosts: ReturnType<typeof fiveHosts>, wanted = settings) =>
  instancesFor(
    'memcached',
    wanted,
    hosts.filter(({ roles }) => roles.includes('control')),
  );

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  test('files and units', async () => {
    await expectGolden(memcached, instancesOn(hosts).slice(0, 2), { layout, topology: aTopology({ hosts }) });
  });
});

test('every connection that is allowed has its open file', async () => {
  const [instance] = instancesOn(fiveHosts(), { ...settings, maxConnections: 9000 });
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(memcached, instance, aTopology());
  const contents = resources.flatMap((resource) => (resource.kind === 'file' ? [resource.content] : []));
  const [options = '', unit = ''] = contents;
  const allowed = Number(/^-c (\d+)$/m.exec(options)?.[1]);
  expect(allowed).toBe(9000);
  expect(Number(/^LimitNOFILE=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(allowed);
});

describe('health', () => {
  const instances = instancesOn(fiveHosts());

  const observedWith = (stdout: string): ObservedState => ({
    hosts: new Map(
      instances.map(({ host }) => [
        host.name,
        {
          kind: 'reachable' as const,
          host: host.name,
          bootId: 'boot',
          clockSkewMilliseconds: 0,
          clockUncertaintyMilliseconds: 0,
          release: 'bookworm',
          files: new Map(),
          packages: new Map(),
          units: new Map(),
          records: new Map(),
          appliedFiles: new Map(),
          membership: undefined,
          belongings: [],
          probes: new Map([
            ['memcached.status', { exitCode: 0, stdout: host.name === 'ctl02' ? stdout : answer }],
          ]),
          addresses: [],
          cloud: undefined,
          format: undefined,
          diskFreeBytes: 0,
          memoryTotalBytes: 0,
          runningSteps: [],
        },
      ]),
    ),
  });

  const findings = (observed: ObservedState) =>
    memcached.checks(instances, aTopology()).flatMap((check) => check.judge(observed));

  test('a cache that answers is healthy', () => {
    expect(findings(observedWith(answer))).toEqual([]);
  });

  test.each([
    ['', 'Memcached does not answer'],
    ['not-installed\n', 'Memcached is not installed'],
  ])('of %j is said: %s', (stdout, message) => {
    expect(findings(observedWith(stdout))).toEqual([{ severity: 'red', hosts: ['ctl02'], message }]);
  });

  test('a host that does not answer is blamed', () => {
    expect(findings({ hosts: new Map() }).map(({ hosts }) => hosts)).toEqual([
      ['ctl01'],
      ['ctl02'],
      ['ctl03'],
    ]);
  });

  test('status shows the version and the memory', () => {
    const [section] = memcached.status?.(instances, aTopology(), observedWith('')) ?? [];
    expect(section?.rows[0]).toEqual(['ctl01', '1.6.18', expect.any(String), '0 of 256 MiB']);
    expect(section?.rows[1]).toEqual(['ctl02', 'no answer', '', '']);
  });

  describe('who restarts one', () => {
    const topology = { ...aTopology({ hosts: fiveHosts() }), instances };
    const [first] = instances;
    if (!first) throw new Error('no instance');
    const waits = (observed: ObservedState, units: readonly string[]) =>
      (memcached.leave?.(first, topology, observed, new Set(units)) ?? []).map(({ host }) => host);

    test('waits until clients have each other one again, on the hosts that have them', () => {
      expect(waits(observedWith(answer), ['memcached.service'])).toEqual(['ctl02', 'ctl03']);
    });

    test('waits for none that does not answer, and for nobody where nothing is restarted or was ever there', () => {
      expect(waits(observedWith(''), ['memcached.service'])).toEqual(['ctl03']);
      expect(waits(observedWith(answer), [])).toEqual([]);
      expect(waits({ hosts: new Map() }, ['memcached.service'])).toEqual([]);
    });

    test('waits for longer than clients are told to leave one alone', () => {
      const template = readFileSync(new URL('../../../templates/shared/cache.hbs', import.meta.url), 'utf8');
      const avoided = Number(/^memcache_dead_retry = (\d+)$/m.exec(template)?.[1]);
      const [step] =
        memcached.leave?.(first, topology, observedWith(answer), new Set(['memcached.service'])) ?? [];
      expect(Number(/left=\$\(\((\d+) /.exec(step?.script ?? '')?.[1])).toBeGreaterThan(avoided);
    });
  });
});
