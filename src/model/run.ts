import type { LockHolder } from './lock.ts';

/** What a run notes about itself on each host that it begins on. */
export interface RunAccount extends LockHolder {
  /** Every host that it begins on. */
  readonly hosts: readonly string[];
  /** Whether hosts come or leave with it, or change what they are to the others. */
  readonly changesMembers: boolean;
}

/** What a host remembers of the runs that were there, whatever became of their folders. */
export interface LastRuns {
  /** Of the last one. Runs count on from each other, over all hosts. */
  readonly number: number;
  /** Of the last one that put files there; undefined where none of this version did. */
  readonly deployed: DeployedRun | undefined;
}

export interface DeployedRun {
  readonly number: number;
  /** Its commit is that of what is there now: after a rollback, an earlier one. */
  readonly account: RunAccount;
}

/** What is left of a run on one host. */
export interface RunOnHost {
  readonly host: string;
  readonly run: string;
  /** 0 for one of an earlier version that did not count. */
  readonly number: number;
  /** Undefined for one of an earlier version. */
  readonly account: RunAccount | undefined;
  /** Nothing of ours was there before it. */
  readonly isFirst: boolean;
  /** The host has put its old files back. */
  readonly isUndone: boolean;
  readonly steps: readonly StepOnHost[];
  readonly files: readonly FileOnHost[];
}

/** A step of a run, by the clock of its host. */
export interface StepOnHost {
  readonly title: string;
  readonly startedAt: string;
  /** Undefined: it runs, or was cut off. */
  readonly seconds: number | undefined;
  readonly exitCode: number | undefined;
}

export interface FileOnHost {
  readonly path: string;
  readonly change: 'changed' | 'created' | 'removed';
}

/** A run as all hosts that answer know it. */
export interface KnownRun {
  readonly run: string;
  /** The highest that any host has given it. */
  readonly number: number;
  readonly account: RunAccount | undefined;
  readonly hosts: readonly RunOnHost[];
}

/** The runs that hosts have kept, the latest last: by what the hosts say of their order, and not by a clock. */
export function runsIn(found: readonly RunOnHost[]): readonly KnownRun[] {
  const names = [...new Set(found.map(({ run }) => run))];
  return names
    .map((run): KnownRun => {
      const hosts = found.filter((each) => each.run === run);
      return {
        run,
        number: Math.max(...hosts.map(({ number }) => number)),
        account: hosts.find(({ account }) => account !== undefined)?.account,
        hosts,
      };
    })
    .toSorted((one, other) => one.number - other.number || one.run.localeCompare(other.run));
}

/**
 * How a run went, as far as its hosts can tell. `steps-done`: each step that was begun went well; whether the run stopped
 * at a gate between two is not known there.
 */
export type RunEnd = 'undone' | 'step-failed' | 'cut-off' | 'steps-done' | 'nothing-done';

export function endOf({ hosts }: KnownRun): RunEnd {
  const steps = hosts.flatMap((host) => host.steps);
  if (hosts.some(({ isUndone }) => isUndone)) return 'undone';
  if (steps.some(({ exitCode }) => exitCode !== undefined && exitCode !== 0)) return 'step-failed';
  if (steps.some(({ exitCode }) => exitCode === undefined)) return 'cut-off';
  return steps.length === 0 ? 'nothing-done' : 'steps-done';
}

/** So many runs stay on a host, at least. */
export const runsKept = 5;

/** Runs that put files on hosts, and can be taken back. */
export const changesFiles = (verb: string): boolean => verb === 'deploy' || verb === 'rollback';
