import type { Commit } from './commit.ts';
import type { McpError } from './failure.ts';

/** Who asked for a run, and from where. */
export interface Asked {
  /** The verb, as it was typed: `deploy`, `maintenance enter`. */
  readonly verb: string;
  /** The user, the one behind sudo where there is one. */
  readonly by: string;
  /** Name of the machine that `mcp` runs on. */
  readonly from: string;
  /** Page of the CI job, where one asked. */
  readonly job?: string;
  /** Where the inventory lies in a git repository: which of its commits that was. */
  readonly commit?: Commit;
}

/** Which run has the lock of a host. */
export interface LockHolder extends Asked {
  readonly run: string;
  /** When it took it, by the clock of its machine. */
  readonly since: string;
}

/** The lock of one host, as it is at this moment. */
export interface HostLock {
  readonly host: string;
  /** `earlier-version`: a run of an `mcp` that locks elsewhere; `stranger`: no run has it, and something else does. */
  readonly state: 'free' | 'held' | 'earlier-version' | 'stranger';
  /** Of whoever holds it, where that said who it is. */
  readonly holder: LockHolder | undefined;
  /** What an earlier version wrote about itself; of a run of this version its name. */
  readonly words: string;
  /** Seconds since the host last heard of whoever holds it. */
  readonly silentSeconds: number;
  /** Steps of runs that live there, of this run or of any other. */
  readonly units: readonly string[];
}

/** What is known of a host's lock. */
export type SeenLock =
  | HostLock
  | { readonly host: string; readonly state: 'unknown'; readonly failure: McpError };

/** A run that a host has not heard of for so long has missed three heartbeats: nobody is at the other end any more. */
export const silentSeconds = 50;

/** Who holds a lock, in one line. */
export function holderInWords({ run, verb, by, from, job, since }: LockHolder): string {
  const what = job === undefined ? verb : `${verb}, ${job}`;
  return `run ${run} by ${by}@${from} since ${since} (${what})`;
}

/** Why a run can't begin on a host; undefined: it can. */
export function heldUpBy({ state, holder, words, units }: HostLock): string | undefined {
  if (state === 'stranger') return 'locked by something that is no run of mcp';
  if (state === 'earlier-version') return `locked by ${words}`;
  if (state === 'held') return `locked by ${holder === undefined ? 'another run' : holderInWords(holder)}`;
  return units[0] === undefined ? undefined : `still busy with ${units[0]}, a step of an earlier run`;
}
