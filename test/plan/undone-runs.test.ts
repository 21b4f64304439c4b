import { expect, test } from 'vitest';
import { type RunAccount, type RunOnHost, runsIn } from '../../src/model/run.ts';
import { runsToUndo } from '../../src/plan/index.ts';

const commit = (letter: string) => ({
  ...{ hash: letter.repeat(40), committedAt: '2026-01-01T10:00:00Z', dirty: false },
});

interface Past extends Partial<RunAccount> {
  readonly number: number;
  readonly on: readonly string[];
  /** Hosts that have not kept it. */
  readonly lostOn?: readonly string[];
  readonly first?: boolean;
}

/** A run named by its number, as each of its hosts tells of it. */
const past = ({ number, on, lostOn = [], first = false, ...account }: Past): readonly RunOnHost[] =>
  on
    .filter((host) => !lostOn.includes(host))
    .map((host) => ({
      ...{ host, run: `r${number}`, number, isFirst: first, isUndone: false, steps: [], files: [] },
      account: {
        ...{ run: `r${number}`, verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-01T10:00:00Z' },
        ...{ hosts: on, changesMembers: false, ...account },
      },
    }));

const all = ['ctl01', 'ctl02'];

function undo(name: string, found: readonly RunOnHost[], silent: readonly string[] = []) {
  const runs = runsIn(found);
  const named = runs.find(({ run }) => run === name);
  if (named === undefined) throw new Error(`no run ${name}`);
  return runsToUndo(named, { runs, hosts: all, silent });
}

test('later runs are taken back too, also on hosts where the named one was not', () => {
  const {
    byHost,
    keepsFrom,
    commit: before,
    obstacles,
  } = undo('r2', [
    ...past({ number: 4, on: ['ctl01'] }),
    ...past({ number: 1, on: all, commit: commit('a') }),
    ...past({ number: 2, on: ['ctl01'], commit: commit('b') }),
    ...past({ number: 3, on: ['ctl02'], verb: 'rollback' }),
  ]);
  expect([...byHost]).toEqual([
    ['ctl01', ['r2', 'r4']],
    ['ctl02', ['r3']],
  ]);
  expect([keepsFrom, before, obstacles]).toEqual([2, commit('a'), []]);
});

test('the order is that of the hosts, whatever the names say', () => {
  const early = past({ number: 5, on: all }).map((each) => ({ ...each, run: '1999-early' }));
  expect(runsIn([...early, ...past({ number: 4, on: all })]).map(({ run }) => run)).toEqual([
    'r4',
    '1999-early',
  ]);
});

test.each<[string, readonly RunOnHost[], readonly string[], string]>([
  [
    'members changed',
    past({ number: 2, on: all, changesMembers: true }),
    [],
    'it has changed who belongs to the cloud',
  ],
  [
    'a later one changed members',
    [...past({ number: 2, on: all }), ...past({ number: 3, on: all, changesMembers: true })],
    [],
    'run r3 after it has changed who belongs to the cloud',
  ],
  [
    'it was the first of a host',
    past({ number: 2, on: ['ctl01'], first: true }),
    [],
    'r2 was the first on ctl01: there is nothing to go back to',
  ],
  [
    'a host has dropped it',
    [
      ...past({ number: 2, on: all, lostOn: ['ctl02'] }),
      ...[4, 5, 6, 7, 8].flatMap((number) => past({ number, on: ['ctl02'] })),
    ],
    [],
    'ctl02 has not kept what it had before run r2',
  ],
  [
    'a member does not answer',
    past({ number: 2, on: all, lostOn: ['ctl02'] }),
    ['ctl02'],
    'ctl02, which took part in r2, does not answer',
  ],
  [
    'a host of it is gone',
    past({ number: 2, on: ['ctl01', 'old01'], lostOn: ['old01'] }),
    [],
    'old01, which took part in r2, is not in this inventory',
  ],
  [
    'a host may have dropped runs that came after it',
    [
      ...past({ number: 2, on: ['ctl01'] }),
      ...[4, 5, 6, 7, 8].flatMap((number) => past({ number, on: ['ctl02'] })),
    ],
    [],
    'ctl02 has not kept what it had before run r2',
  ],
  [
    'it changes no files',
    past({ number: 2, on: all, verb: 'maintenance enter' }),
    [],
    'it was `mcp maintenance enter`, which changes no files: there is nothing to take back',
  ],
  [
    'it is of an earlier version',
    past({ number: 2, on: all }).map((each) => ({ ...each, account: undefined })),
    [],
    'an earlier version of mcp did not note what it takes to undo r2',
  ],
])('there is no way back where %s', (_why, found, silent, obstacle) => {
  expect(undo('r2', found, silent).obstacles).toEqual([obstacle]);
});

test('maintenance in between is no obstacle, and neither is a run that was cut off before it began everywhere', () => {
  const between = [
    ...past({ number: 3, on: all, verb: 'maintenance enter' }),
    ...past({ number: 4, on: all, lostOn: ['ctl02'] }),
  ];
  expect(undo('r2', [...past({ number: 2, on: all }), ...between]).obstacles).toEqual([]);
});
