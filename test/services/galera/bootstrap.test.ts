import { expect, test } from 'vitest';
import { galera } from '../../../src/services/galera/index.ts';
import { instances, observedWith, type Told, topology } from './members.ts';

const fresh: Told = { unit: 'inactive/dead', cluster: 'none', servers: 'none' };
const allFresh = { ctl01: fresh, ctl02: fresh, ctl03: fresh };

const bootstrap = (told: Record<string, Told>) => galera.bootstrap?.(instances, topology, observedWith(told));

test('a cluster that never was is formed on the first member', () => {
  expect(bootstrap(allFresh)).toMatchObject({ host: 'ctl01', unit: 'mariadb.service' });
});

test('bare hosts, without the packages, count as never having been members', () => {
  const bare: Told = { installed: false };
  expect(bootstrap({ ctl01: bare, ctl02: bare, ctl03: bare })).toMatchObject({ host: 'ctl01' });
});

test.each<[string, Record<string, Told>]>([
  ['a member can’t be seen', { ...allFresh, ctl03: { unreachable: true } }],
  ['another member has data of a cluster', { ...allFresh, ctl03: { ...fresh, cluster: 'some-cluster' } }],
  [
    'the first was started by a run before',
    { ...allFresh, ctl01: { ...fresh, records: ['mariadb.service'] } },
  ],
  ['another was started by a run before', { ...allFresh, ctl02: { ...fresh, records: ['mariadb.service'] } }],
  ['it runs', {}],
])('no second cluster is ever formed: %s', (_when, told) => {
  expect(bootstrap(told)).toBeUndefined();
});

test('an interrupted first deploy, whose first member alone has data, may end what it began', () => {
  const begun: Told = { ...fresh, cluster: 'just-made' };
  expect(bootstrap({ ...allFresh, ctl01: begun })).toMatchObject({ host: 'ctl01' });
});
