import type { Commit } from '../model/commit.ts';
import { changesFiles, type KnownRun, type RunOnHost, runsKept } from '../model/run.ts';

/** What is known of the runs, and of whom. */
export interface KnownRuns {
  /** The latest last. */
  readonly runs: readonly KnownRun[];
  /** Of the inventory. */
  readonly hosts: readonly string[];
  /** Those that could not be asked. */
  readonly silent: readonly string[];
}

/** The runs that are taken back with one, and why that may not be. */
export interface Undone {
  /** The earliest first. */
  readonly runs: readonly KnownRun[];
  /** Names of those that changed files, by host, the earliest first. */
  readonly byHost: ReadonlyMap<string, readonly string[]>;
  /** The lowest number that any host has given to one of them. */
  readonly keepsFrom: number;
  /** Of the inventory that was in force before them, where that is known. */
  readonly commit: Commit | undefined;
  /** A sentence each. */
  readonly obstacles: readonly string[];
}

/** A run is taken back with all that came after it: they were made on what it had left. */
export function runsToUndo(named: KnownRun, known: KnownRuns): Undone {
  const undone = known.runs.filter(({ run, number }) => run === named.run || number > named.number);
  const withFiles = undone.filter(({ account }) => changesFiles(account?.verb ?? ''));
  const byHost = new Map(
    known.hosts
      .map(
        (host) =>
          [host, withFiles.filter((run) => on(host, run) !== undefined).map(({ run }) => run)] as const,
      )
      .filter(([, runs]) => runs.length > 0),
  );
  return {
    runs: undone,
    byHost,
    keepsFrom: Math.min(...undone.flatMap(({ hosts }) => hosts.map(({ number }) => number))),
    commit: commitBefore(named, known.runs),
    obstacles: obstaclesTo(named, undone, known),
  };
}

const on = (host: string, { hosts }: KnownRun): RunOnHost | undefined =>
  hosts.find((each) => each.host === host);

function commitBefore(named: KnownRun, runs: readonly KnownRun[]): Commit | undefined {
  const before = runs
    .filter(({ number, account }) => number < named.number && changesFiles(account?.verb ?? ''))
    .at(-1)?.account;
  // A rollback was asked from another commit than the one that it has brought back.
  return before?.verb === 'deploy' ? before.commit : undefined;
}

function obstaclesTo(named: KnownRun, undone: readonly KnownRun[], known: KnownRuns): readonly string[] {
  const { account } = named;
  const untold = undone.filter((run) => run.account === undefined).map(({ run }) => run);
  if (untold.length > 0 || account === undefined) {
    return [`an earlier version of mcp did not note what it takes to undo ${untold.join(', ')}`];
  }
  if (!changesFiles(account.verb)) {
    return [`it was \`mcp ${account.verb}\`, which changes no files: there is nothing to take back`];
  }
  return [
    ...undone.flatMap((run) => membersChanged(run, named)),
    ...known.hosts.flatMap((host) => firstOn(host, undone)),
    ...undone.flatMap((run) => missingParts(run, known)),
    ...known.hosts.flatMap((host) => maybeForgotten(host, named, known)),
  ];
}

const membersChanged = ({ run, account }: KnownRun, named: KnownRun): readonly string[] =>
  account?.changesMembers === true
    ? [`${run === named.run ? 'it' : `run ${run} after it`} has changed who belongs to the cloud`]
    : [];

const firstOn = (host: string, undone: readonly KnownRun[]): readonly string[] => {
  const first = undone.find((run) => on(host, run)?.isFirst === true);
  return first === undefined ? [] : [`${first.run} was the first on ${host}: there is nothing to go back to`];
};

/** Hosts that took part in a run, or were about to when it was cut off, and can't say what it has done there. */
const missingParts = (run: KnownRun, { hosts, silent }: KnownRuns): readonly string[] =>
  (run.account?.hosts ?? []).flatMap((host) => {
    if (silent.includes(host)) return [`${host}, which took part in ${run.run}, does not answer`];
    return hosts.includes(host) ? [] : [`${host}, which took part in ${run.run}, is not in this inventory`];
  });

/** A host drops the earliest of more than five: where it knows none from before this one, later ones may be lost, too. */
function maybeForgotten(host: string, named: KnownRun, { runs }: KnownRuns): readonly string[] {
  const kept = runs.flatMap((run) => on(host, run) ?? []);
  const hasDropped = kept.length >= runsKept;
  const reachesBack = kept.some(({ run, number }) => run === named.run || number < named.number);
  return hasDropped && !reachesBack ? [`${host} has not kept what it had before run ${named.run}`] : [];
}
