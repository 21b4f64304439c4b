import type { UnitRecord } from '../model/observed.ts';
import type { LastRuns } from '../model/run.ts';
import { accountFrom } from './lock-record.ts';
import type { toldFiles } from './observation-program.ts';
import { linesOf, splitOnce } from './reply-parts.ts';

/** What stands below `/var/lib/mcp`: records of units by name, and the other files. */
export interface ToldState {
  readonly units: ReadonlyMap<string, string>;
  readonly told: Readonly<Record<(typeof toldFiles)[number], string>>;
}

/** `tail -v` puts `==> path <==` before the lines of each file. */
export function sectionsOf(part: string): ToldState {
  const sections = part.split(/^==> (.*) <==\n/m).slice(1);
  const byPath = sections.flatMap((path, at) =>
    at % 2 === 0 ? [[path, sections[at + 1] ?? ''] as const] : [],
  );
  const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
  const isUnit = (path: string): boolean => path.split('/').at(-2) === 'units';
  const others = new Map(
    byPath.filter(([path]) => !isUnit(path)).map(([path, text]) => [nameOf(path), text]),
  );
  const told = (name: (typeof toldFiles)[number]): string => others.get(name) ?? '';
  return {
    units: new Map(byPath.filter(([path]) => isUnit(path)).map(([path, text]) => [nameOf(path), text])),
    told: {
      files: told('files'),
      belongings: told('belongings'),
      members: told('members'),
      asked: told('asked'),
    },
  };
}

/** With which fingerprints each unit was last restarted and reloaded. */
export const recordsIn = ({ units }: ToldState): ReadonlyMap<string, UnitRecord> =>
  new Map(
    [...units].map(([name, lines]) => {
      const fields = new Map(linesOf(lines).map((line) => splitOnce(line, '=')));
      return [name, { restart: fields.get('restart') ?? '', reload: fields.get('reload') ?? '' }];
    }),
  );

/** As a run begins, it writes the number of the last run; then that of the last one that put files there, and its account. */
export function lastRunsFrom(part: string): LastRuns | undefined {
  const [first = '', second = ''] = part.split('\n');
  if (!/^\d+$/.test(first)) return undefined;
  const [number, line] = splitOnce(second, ' ');
  const account = accountFrom(line);
  return {
    number: Number(first),
    deployed: account === undefined ? undefined : { number: Number(number), account },
  };
}

/** Hash of each managed file as the last run left it, by path. */
export const appliedIn = (part: string): ReadonlyMap<string, string> =>
  new Map(linesOf(part).map((line) => [line.slice(66), line.slice(0, 64)]));
