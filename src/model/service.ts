import type { ZodType } from 'zod';
import type { Broker, Cache } from './broker.ts';
import type { Check, StatusSection } from './check.ts';
import type { DatabaseAccount } from './database.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Fault } from './fault.ts';
import type { CatalogueEntry, Identity } from './identity.ts';
import type { Role } from './inventory.ts';
import type { Checker, Front, Listener, Socket } from './listener.ts';
import type { ObservedState } from './observed.ts';
import type { Refusal } from './plan.ts';
import type { Probe, Validator } from './probe.ts';
import type { Recoverable } from './recovery.ts';
import type { Resource } from './resource.ts';
import type { Room } from './room.ts';
import type { Rotation, SecretSpec } from './secret.ts';
import type { ScriptStep } from './step.ts';
import { type Instance, instancesOf, type Topology } from './topology.ts';

/** Turns a template and its values into text. Strict: a value that is missing is an error. `Secret`s are revealed here. */
export type Render = (template: string, values: object) => string;

/**
 * The contract that each service folder fulfils: one plain object. Nothing outside services/ and templates/ names a
 * service; order comes from `after`, rolling from `rolling`, health from `checks`.
 */
export interface Service<Settings = unknown> {
  readonly name: string;
  readonly title: string;
  /** It runs on every host that carries one of these roles; `all`: on every host. */
  readonly roles: readonly Role[] | 'all';
  /** Services that must stand before it. */
  readonly after: readonly string[];
  readonly settings: ZodType<Settings>;
  /**
   * Settings that may be said for one machine too, since they follow from its size or its place. All others are what hosts
   * have to agree on, and are said once for the whole cloud.
   */
  readonly perMachine?: readonly string[];
  /** How instances are changed. `first`: while no instance was ever started; `later`: once clients depend on it. */
  readonly rolling: { readonly first: 'together' | 'one-by-one'; readonly later: 'together' | 'one-by-one' };
  /** Members that must stay up while one is changed: `majority`, or at least one. */
  readonly quorum: 'majority' | 'one' | 'none';
  /**
   * It lets clients come to a host. On one that joins a running cloud it is begun when everything else there serves, on
   * one that leaves it is ended before anything else.
   */
  readonly admitsClients?: true;
  /** What keeps its work away from a host in maintenance; absent: nothing of it finds its way there by itself. */
  readonly rest?: Rest<Settings>;
  /**
   * The roles whose clients it is about to let come to a host that did not take them before, though the service runs
   * there: that comes after its peers have been told, as on a host that is new.
   */
  newWays?(instance: Instance<Settings>, topology: Topology, observed: ObservedState): readonly Role[];
  /** Folders with what it keeps, which only `--purge` removes from a host that leaves. */
  readonly data?: readonly string[];
  /** What has to be free where it will keep its data; `mcp check` looks. */
  rooms?(instance: Instance<Settings>): readonly Omit<Room, 'host'>[];
  /** Mebibytes of memory that it takes for itself on a host and keeps; `mcp check` looks. Absent: what it needs at the time. */
  memory?(instance: Instance<Settings>): number;
  /** Seconds until it must be healthy after a change of one of its members; 120 unless said otherwise. */
  readonly gateSeconds?: number;
  secrets?(settings: Settings): readonly SecretSpec[];
  /** Secrets that are meant to be replaced from time to time, and how. */
  rotations?(settings: Settings): readonly Rotation[];
  sockets(instance: Instance<Settings>, topology: Pick<Topology, 'hosts' | 'vips'>): readonly Socket[];
  listeners?(
    instances: readonly Instance<Settings>[],
    topology: Pick<Topology, 'secrets' | 'vips' | 'inventory'>,
  ): readonly Listener[];
  fronts?(settings: Settings): readonly Front[];
  databases?(settings: Settings): readonly DatabaseAccount[];
  identities?(settings: Settings): readonly Identity[];
  /** What it offers in the catalogue without a user of its own. */
  catalogue?(settings: Settings): readonly CatalogueEntry[];
  broker?(instances: readonly Instance<Settings>[]): Broker | undefined;
  caches?(instances: readonly Instance<Settings>[]): readonly Cache[];
  /** Its members need a certificate of their host: they speak TLS themselves, if only beside something else. */
  speaksTls?(settings: Settings): boolean;
  /**
   * Names and addresses by which clients verify a member, beside those of its host and of the VIPs through which they reach
   * it. All of its hosts' certificates cover them.
   */
  certificateNames?(instances: readonly Instance<Settings>[], topology: CertifiedTopology): readonly string[];
  checker?(settings: Settings): Checker;
  /** What is wrong with its settings beside the rest of the inventory; the paths begin within the settings. */
  mistakes?(instances: readonly Instance<Settings>[], topology: CertifiedTopology): readonly Diagnostic[];
  resources(instance: Instance<Settings>, topology: Topology, render: Render): readonly Resource[];
  /**
   * What its members, one after the other, can't do from what they have now: some would be of a kind that the others don't
   * understand. Judged by what is on the hosts (`foundContent`), whatever an inventory said before; empty: they can.
   */
  obstacles?(
    instances: readonly Instance<Settings>[],
    topology: Topology,
    observed: ObservedState,
    contentOf: ContentOf,
  ): readonly Obstacle[];
  validators?(instance: Instance<Settings>, topology: Topology): readonly Validator[];
  probes?(instance: Instance<Settings>, topology: Topology): readonly Probe[];
  checks(instances: readonly Instance<Settings>[], topology: Topology): readonly Check[];
  status?(
    instances: readonly Instance<Settings>[],
    topology: Topology,
    observed: ObservedState,
  ): readonly StatusSection[];
  /** The order in which members change: who holds a VIP or is the writer comes last, who is unwell first. */
  order?(
    instances: readonly Instance<Settings>[],
    topology: Topology,
    observed: ObservedState,
  ): readonly Instance<Settings>[];
  /** What hands its work to the others before `units` of it are acted on; resolved again at that moment. */
  leave?(
    instance: Instance<Settings>,
    topology: Topology,
    observed: ObservedState,
    units: ReadonlySet<string>,
  ): readonly ScriptStep[];
  /** What brings it back after. Must be safe to repeat. */
  join?(instance: Instance<Settings>, topology: Topology, observed: ObservedState): readonly ScriptStep[];
  /** What it does at this moment that others would miss: "holds control". Empty: it could be switched off. */
  carries?(instance: Instance<Settings>, topology: Topology, observed: ObservedState): readonly string[];
  /** Done once in a cluster's life, in place of the first start of `unit` on `host`; undefined once the cluster exists. */
  bootstrap?(
    instances: readonly Instance<Settings>[],
    topology: Topology,
    observed: ObservedState,
  ): Bootstrap | undefined;
  /** How it comes back where its members can't agree any more; absent: it needs no such thing. */
  readonly recovery?: Recoverable<Settings>;
  /**
   * What those who stay are told of one who has left, on one of them: its units are stopped, or it does not answer. Must
   * be safe to repeat.
   */
  forget?(
    gone: Instance<Settings>,
    staying: readonly Instance<Settings>[],
    observed: ObservedState,
  ): readonly ScriptStep[];
  /** Done at the end of a run when nothing else is left: spreads what moved (VIPs). */
  settle?(
    instances: readonly Instance<Settings>[],
    topology: Topology,
    observed: ObservedState,
  ): readonly ScriptStep[];
  /** One line for the plan: what is left while `units` of `instance` are acted on: "2 of 3, writer ctl02". */
  capacity?(
    instance: Instance<Settings>,
    topology: Topology,
    observed: ObservedState,
    units: ReadonlySet<string>,
  ): string;
  faults?(instances: readonly Instance<Settings>[], topology: Topology): readonly Fault[];
}

/** All but the certificates, which are loaded once it is known who needs which. */
export type CertifiedTopology = Omit<Topology, 'certificates'>;

/**
 * What a file on a host will hold when the run is done: as desired, or as it is on a host that is left out. Undefined: no such
 * file is described there, or nobody knows what it holds.
 */
export type ContentOf = (host: string, path: string) => string | undefined;

/** Why a plan must not be carried out, with what to do first. */
export type Obstacle = Pick<Refusal, 'host' | 'message' | 'hint'>;

/** How an instance is kept from work while its host is in maintenance. */
interface Rest<Settings = unknown> {
  /**
   * POSIX sh, run on the host when it has left: marks on its disk, so that a power cycle changes nothing. Both are safe
   * to repeat.
   */
  mark(instance: Instance<Settings>): string;
  /** What lets work come again, before it joins. */
  unmark(instance: Instance<Settings>): string;
}

export interface Bootstrap {
  readonly host: string;
  readonly unit: string;
  readonly title: string;
  readonly script: string;
}

/** Every check of every service that runs in a topology. */
export const checksOf = (services: readonly Service[], topology: Topology): readonly Check[] =>
  services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    return instances.length === 0 ? [] : service.checks(instances, topology);
  });

/** What a host does at this moment that others would miss, service by service. */
export const carriedBy = (
  host: string,
  services: readonly Service[],
  topology: Topology,
  observed: ObservedState,
): readonly string[] =>
  services.flatMap((service) =>
    instancesOf(topology, service.name)
      .filter((instance) => instance.host.name === host)
      .flatMap((instance) => service.carries?.(instance, topology, observed) ?? []),
  );

/** Keeps the type of the settings inside the folder while the list of services needs none. */
export const defineService = <Settings>(
  service: Service<Settings> & { readonly perMachine?: readonly (keyof Settings & string)[] },
): Service<Settings> => service;
