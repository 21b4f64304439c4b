import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileChange } from '../../src/model/plan.ts';
import { inMovingOrder } from '../../src/plan/files.ts';

/** Contents of the files in one folder, by name. */
type Folder = ReadonlyMap<string, string>;

/** What differs, in the order in which the files are described. */
const changesTo = (wanted: Folder, now: Folder): readonly FileChange[] =>
  [...wanted].flatMap(([name, after]): readonly FileChange[] => {
    const before = now.get(name);
    return before === after ? [] : [change(`/etc/keys/${name}`, before, after)];
  });

const change = (path: string, before: string | undefined, after: string): FileChange => ({
  ...{ host: 'ctl01', service: 'keystone', path, before, after, template: 'key', overrides: [] },
  ...{ action: before === undefined ? 'create' : 'update', edited: false },
});

/** The folder after each of its files was put in place, one after another. */
function momentsOf(wanted: Folder, now: Folder): readonly Folder[] {
  let folder = now;
  return inMovingOrder(changesTo(wanted, now)).map(({ path, after }) => {
    folder = new Map([...folder, [path.replace('/etc/keys/', ''), after]]);
    return folder;
  });
}

const keys = ['oldest', 'k1', 'k2', 'k3', 'newest'];

/** The keys from one place of the chain on, in files that are described in any order. */
const holding = (names: readonly string[], first: number, places: readonly number[]): Folder =>
  new Map(names.map((name, index) => [name, keys[first + (places[index] ?? 0)] ?? '']));

test('keys that move on, or back, by a place are all there at every moment, wherever a run was killed', () => {
  const rotations = fc.record({
    places: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    back: fc.boolean(),
    killedAfter: fc.nat({ max: 4 }),
    thenUndone: fc.boolean(),
  });
  fc.assert(
    fc.property(rotations, ({ places, back, killedAfter, thenUndone }) => {
      const names = places.map((place) => `${place}`);
      const [one, other] = [holding(names, 0, places), holding(names, 1, places)];
      const [before, after] = back ? [other, one] : [one, other];
      const done = momentsOf(after, before).slice(0, killedAfter);
      const left = done.at(-1) ?? before;
      const rest = momentsOf(thenUndone ? before : after, left);
      for (const folder of [...done, ...rest])
        expect([...folder.values()]).toEqual(expect.arrayContaining(['k1', 'k2', 'k3']));
      expect(rest.at(-1) ?? left).toEqual(thenUndone ? before : after);
    }),
  );
});

test('what does not move is put in place as it was described, as is the same content in another folder', () => {
  const described = [
    change('/etc/a/one', 'x', 'y'),
    change('/etc/b/one', 'y', 'x'),
    change('/etc/b/two', undefined, 'y'),
    change('/etc/a/two', 'p', 'q'),
  ];
  expect(inMovingOrder(described).map(({ path }) => path)).toEqual([
    '/etc/a/one',
    '/etc/b/two',
    '/etc/b/one',
    '/etc/a/two',
  ]);
});

test('contents that change places have no such order, and are put in place all the same', () => {
  const swapped = [change('/etc/a/one', 'x', 'y'), change('/etc/a/two', 'y', 'x')];
  expect(inMovingOrder(swapped)).toEqual(swapped);
});
