import { expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { refuseOtherRelease, requireOneRelease } from '../../src/lab/release.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Release } from '../../src/model/release.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const of = (...releases: readonly Release[]): Inventory =>
  aLabInventory(
    releases.map((release, index) => {
      const node = aNode(`ctl0${index + 1}`, { management: `10.77.0.1${index + 1}` });
      return aMachine(node.name, [{ ...node, platform: { distribution: 'debian', release } }]);
    }),
  );

test('a lab is made of what its hosts run, whatever the inventory says of all others', () => {
  expect(describeLab(of('trixie', 'trixie')).release).toBe('trixie');
});

test('a lab of one release is brought up, where that is asked for or nothing is', () => {
  expect(() => requireOneRelease(of('trixie', 'trixie'), 'trixie')).not.toThrow();
  expect(() => requireOneRelease(of('bookworm'), undefined)).not.toThrow();
});

test('hosts of several releases have no lab: it has one image', () => {
  expect(() => requireOneRelease(of('bookworm', 'trixie'), undefined)).toThrow(
    '/srv/inventories/blue.yaml has hosts of bookworm and trixie',
  );
});

test('an inventory that names its release is not brought up with another one', () => {
  expect(() => requireOneRelease(of('bookworm'), 'trixie')).toThrow(
    'RELEASE is trixie, and /srv/inventories/blue.yaml says bookworm',
  );
});

test('a lab that is up with one release is not taken for one of another', () => {
  const [one, other] = [describeLab(of('bookworm')), describeLab(of('trixie'))];
  expect(() => refuseOtherRelease(one, other)).toThrow(
    'the lab blue was brought up with bookworm, and is asked for with trixie',
  );
  expect(() => refuseOtherRelease(one, one)).not.toThrow();
  expect(() => refuseOtherRelease(undefined, other)).not.toThrow();
});
