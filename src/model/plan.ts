import type { Membership } from './membership.ts';
import type { Step } from './step.ts';

/** Desired against observed, ordered: data that can be printed, compared and tested. Holds no content and no secret. */
export interface Plan {
  readonly cloud: string;
  readonly changes: readonly FileChange[];
  readonly batches: readonly Batch[];
  /** Reasons to refuse (drift, another cloud's host, a missing quorum), each with what to do. */
  readonly refusals: readonly Refusal[];
  /** Hosts that go, and how. */
  readonly departures: readonly PlannedDeparture[];
  /** Hosts that are allowed to be missing: this run leaves them out, and the next one catches them up. */
  readonly missing: readonly MissingHost[];
  /** Who takes part while the run is under way, where that is not yet what hosts have on record. */
  readonly intent: Membership | undefined;
  /** Generation of the record that it was made from; undefined: none, or nobody's business. */
  readonly recorded?: number | undefined;
}

export interface PlannedDeparture {
  readonly host: string;
  /**
   * `leaves`: with all that it has; `gives-up`: some of its services, and it stays; `forgotten`: it does not answer;
   * `returned`: it was forgotten and answers again; `elsewhere`: it belongs to another cloud by now.
   */
  readonly kind: 'leaves' | 'gives-up' | 'forgotten' | 'returned' | 'elsewhere';
  readonly services: readonly string[];
}

export interface MissingHost {
  readonly host: string;
  /** `maintenance`: an operator took it out; the others may be missing by this run's options. */
  readonly kind: 'silent' | 'unwell' | 'maintenance';
  /** Why it is left out: "does not answer". */
  readonly reason: string;
  /** What is left of its services: "galera 2 of 3". */
  readonly capacity: readonly string[];
}

export interface FileChange {
  readonly host: string;
  readonly service: string;
  readonly path: string;
  readonly action: 'create' | 'update' | 'attributes';
  /** `edited`: neither as last applied nor as desired, so someone else edited it. */
  readonly edited: boolean;
  /** sha256 of what the host has (undefined: no such file) and of what it should have. A diff takes the texts from elsewhere. */
  readonly before?: string | undefined;
  readonly after: string;
  readonly template: string;
  readonly overrides: readonly string[];
}

/** Hosts that change together: gate, leave, act, join, gate. */
export interface Batch {
  readonly id: number;
  readonly service: string;
  readonly title: string;
  readonly hosts: readonly HostPlan[];
  /** Whether clients could notice: then instances leave first and gates stand around it. */
  readonly disruptive: boolean;
  /** What is left while it runs: "galera 2 of 3, writer ctl02". */
  readonly capacity: string;
  /** Hosts whose instance of the service is gone when the batch is done; those that do not answer are only here. */
  readonly leaving: readonly string[];
  /** Lets users and passwords in, or takes them away: no work on a service that could mend it. */
  readonly purpose?: 'logins';
}

export interface HostPlan {
  readonly host: string;
  readonly steps: readonly Step[];
}

/** A batch whose place among the others is not known yet. */
export type DraftBatch = Omit<Batch, 'id'>;

/** A batch that no client can notice, and after which nobody is gone. */
export const quietBatch = (service: string, title: string, hosts: readonly HostPlan[]): DraftBatch => ({
  service,
  title,
  hosts,
  disruptive: false,
  capacity: '',
  leaving: [],
});

/** In the order in which they are carried out. */
export const numbered = (drafts: readonly DraftBatch[]): readonly Batch[] =>
  drafts.map((draft, index) => ({ ...draft, id: index + 1 }));

/** A plan of these batches, with nothing to say beside them. */
export const planWith = (cloud: string, batches: readonly Batch[]): Plan => ({
  cloud,
  changes: [],
  batches,
  refusals: [],
  departures: [],
  missing: [],
  intent: undefined,
});

export interface Refusal {
  /**
   * `outage`: a service is out, and what is true is to be decided first. `older`: the inventory is not as new as the one
   * that was deployed last. `other-release`: a host runs another release than it is described with.
   */
  readonly kind:
    | 'outage'
    | 'drift'
    | 'older'
    | 'foreign-host'
    | 'other-release'
    | 'newer-format'
    | 'unreachable'
    | 'degraded'
    | 'quorum'
    | 'returned';
  readonly host: string;
  readonly message: string;
  readonly hint: string;
}

/** Hosts that take no part in it: those that may be missing, and those that are forgotten without being asked. */
export const absentFrom = ({ missing, departures }: Plan): ReadonlySet<string> =>
  new Set([
    ...missing.map(({ host }) => host),
    ...departures.filter(({ kind }) => kind === 'forgotten' || kind === 'elsewhere').map(({ host }) => host),
  ]);

export const isEmpty = (plan: { readonly batches: readonly unknown[] }): boolean => plan.batches.length === 0;
