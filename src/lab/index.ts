import { releaseAskedFor } from '../inventory/index.ts';
import type { Inventory } from '../model/inventory.ts';
import { arm, disarm, type Prescription } from './arm.ts';
import { describeLab, hostNamed, hostsNamed, type LabDescription, type LabHost } from './description.ts';
import { type ForwardLife, type ForwardRequest, forward } from './forward.ts';
import type { Cure, Partition } from './host-state.ts';
import { withLock } from './lock.ts';
import { leaderOf, runningHosts } from './power.ts';
import { requireLabMachine } from './prerequisites.ts';
import { joinClients } from './processors.ts';
import { attachSsh, awaitSsh } from './reach.ts';
import { type LabRecord, requireRecord } from './record.ts';
import { requireOneRelease } from './release.ts';
import { restoreState, savedStates, saveState } from './saved.ts';
import { type LabStatus, statusOf } from './status.ts';
import {
  bringUp,
  type LabMeans,
  labLock,
  prepare,
  removeArtefacts,
  replaceHost,
  takeDown,
  takeDownWherever,
} from './up.ts';
import { freeze, heal, partition, plug, powerOff, powerOn, thaw, unplug } from './verbs.ts';

export type { Partition } from './host-state.ts';
export { besideTheLab } from './processors.ts';
export type { HostStatus, LabStatus, OutsiderStatus } from './status.ts';
export type { LabMeans } from './up.ts';

const sshSeconds = 90;

/**
 * The lab of an inventory: hosts as real as one machine can hold. TARGET is a host, or a physical machine with all nodes
 * on it. Every method may be called again, holds the lab's lock while it changes something, and throws `lab-failed`,
 * `locked`, `invalid-arguments` or `prerequisite-missing`.
 */
export interface Lab {
  up(): Promise<void>;
  down(options?: DownOptions): Promise<void>;
  status(): Promise<LabStatus>;
  /** Of several, all at once. */
  powerOff(...targets: readonly string[]): Promise<void>;
  /** Resolves when PID 1 runs. */
  powerOn(...targets: readonly string[]): Promise<void>;
  /** Whether a host's PID 1 runs: not after a power cut, nor when it has switched itself off. */
  isOn(host: string): Promise<boolean>;
  /** Blank machines with host keys of their own in the place of the hosts; known_hosts is left as it is. */
  replace(target: string): Promise<void>;
  unplug(target: string): Promise<void>;
  plug(target: string): Promise<void>;
  partition(target: string, cut: Partition): Promise<void>;
  heal(target: string): Promise<void>;
  /** Stops all processes of a systemd unit of one host; resolves with their number. */
  freeze(host: string, unit: string): Promise<number>;
  thaw(host: string, unit: string): Promise<number>;
  /** Detached processes that cure the targets after so many seconds, all at one time, even when we are killed meanwhile. */
  arm(targets: readonly string[], cure: Cure, seconds: number): Promise<void>;
  disarm(...targets: readonly string[]): Promise<void>;
  /** From now on this process stands for clients on machines of their own, as far as the kernel can give it that. */
  seatClients(): Promise<void>;
  /** All hosts' disks under a name; hosts that were on boot again. */
  save(name: string): Promise<void>;
  restore(name: string): Promise<void>;
  savedStates(): Promise<readonly string[]>;
  /** Waits until the hosts of a target, or all that are on, answer ssh. */
  awaitSsh(target?: string): Promise<void>;
  /** ssh on this terminal, a shell or a command; resolves with its exit code. */
  ssh(host: string, command: readonly string[]): Promise<number>;
  /** Carries connections into the lab until the signal comes. */
  forward(request: ForwardRequest, life: ForwardLife): Promise<void>;
}

export interface DownOptions {
  /** Saved states and images that no other lab uses go too. */
  readonly images?: boolean;
  /** A lab of this name that was brought up from another folder goes too. */
  readonly wherever?: boolean;
}

export function createLab(inventory: Inventory, means: LabMeans): Lab {
  const lab = describeLab(inventory);
  const onAll = (targets: readonly string[], verb: Verb) =>
    changing(lab, async () => {
      const record = await requireRecord(lab);
      await verb(
        record,
        targets.flatMap((target) => hostsNamed(record.lab, target)),
      );
    });
  const on = (target: string, verb: Verb) => onAll([target], verb);
  return {
    up: async () => {
      requireOneRelease(inventory, releaseAskedFor());
      await requireLabMachine();
      await bringUp(lab, means);
    },
    down: async ({ images = false, wherever = false } = {}) => {
      await requireLabMachine();
      await (wherever ? takeDownWherever(lab) : takeDown(lab));
      if (images) await removeArtefacts(lab);
    },
    status: () => statusOf(lab),
    powerOff: (...targets) => onAll(targets, powerOff),
    powerOn: (...targets) => onAll(targets, powerOn),
    isOn: async (host) =>
      (await leaderOf(lab, hostNamed((await requireRecord(lab)).lab, host))) !== undefined,
    replace: (target) =>
      on(target, (record, hosts) => inTurn(hosts, (host) => replaceHost(record, host, means.progress))),
    unplug: (target) => on(target, unplug),
    plug: (target) => on(target, plug),
    partition: (target, cut) => on(target, (record, hosts) => partition(record, hosts, cut)),
    heal: (target) => on(target, heal),
    freeze: async (host, unit) => freeze(await requireRecord(lab), hostNamed(lab, host), unit),
    thaw: async (host, unit) => thaw(await requireRecord(lab), hostNamed(lab, host), unit),
    arm: (targets, cure, seconds) =>
      onAll(targets, (record, hosts) => armTogether(record, hosts, { cure, seconds })),
    disarm: (...targets) =>
      onAll(targets, (record, hosts) => inTurn(hosts, (host) => disarm(record.lab, host))),
    seatClients: () => joinClients(lab),
    save: (name) => changing(lab, async () => saveState(await requireRecord(lab), name)),
    restore: (name) => changing(lab, async () => restoreState((await prepare(lab, means)).record, name)),
    savedStates: () => savedStates(lab),
    awaitSsh: async (target) =>
      awaitSsh(lab, target === undefined ? await runningHosts(lab) : hostsNamed(lab, target), sshSeconds),
    ssh: async (host, command) => attachSsh((await requireRecord(lab)).lab, hostNamed(lab, host), command),
    forward: async (request, { listening, signal }) =>
      forward((await requireRecord(lab)).lab, request, { listening, signal }),
  };
}

type Verb = (record: LabRecord, hosts: readonly LabHost[]) => Promise<void>;

async function changing(lab: LabDescription, change: () => Promise<void>): Promise<void> {
  await requireLabMachine();
  await withLock(labLock(lab), change);
}

/** Each process takes a moment to start; those that start later wait the less. */
async function armTogether(
  { lab }: LabRecord,
  hosts: readonly LabHost[],
  { cure, seconds }: Prescription,
): Promise<void> {
  const due = performance.now() + seconds * 1000;
  await inTurn(hosts, (host) =>
    arm(lab, host, { cure, seconds: Math.max(0, (due - performance.now()) / 1000) }),
  );
}

async function inTurn(hosts: readonly LabHost[], act: (host: LabHost) => Promise<void>): Promise<void> {
  for (const host of hosts) await act(host);
}
