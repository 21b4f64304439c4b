import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { labGroup, processorHierarchy } from './cgroup.ts';
import type { LabHost } from './description.ts';
import { eventually } from './processes.ts';

/**
 * Machines have processors of their own: one that boots does not take them from the others, nor from the clients. Here
 * all share this machine's, so a physical machine with all nodes on it gets half of them at most. Without that limit,
 * on two cores, clients stood still for seconds while a host booted, and what they measured was their own wait.
 * Nothing happens where the kernel has no such groups (with version 2 alone they are the machine's own systemd's to give).
 */
export async function apportionProcessors(lab: Lab): Promise<void> {
  if (!existsSync(join(processorHierarchy, 'cpu.shares'))) return;
  const hosts = lab.hosts.length + (await othersIn(lab)) + 1;
  // A program beside the lab counts as two hosts.
  const shares = (hosts * usualShares) / 2;
  // Keepalived runs before everything else, for which each group must have time set aside.
  const realTime = Math.min(realTimeOfHost, Math.floor(realTimeOfLab / hosts));
  await makePart('mcp-lab', { 'cpu.shares': shares, 'cpu.rt_runtime_us': 3 * realTimeOfLab });
  await makePart(labGroup(lab), { 'cpu.shares': shares, 'cpu.rt_runtime_us': realTimeOfLab });
  await makePart(clientsOf(lab), { 'cpu.shares': clientShares });
  // One after another: of several writers at once the kernel refuses all but one (EINVAL). A lab that has grown has less
  // for each: who has more gives it back before anybody asks for it, and nodes before the machine they are on.
  for (const { machine, nodes } of machinesOf(lab)) {
    for (const node of nodes) await giveBack(partOf(lab, node), realTime);
    await giveBack(machineOf(lab, machine), nodes.length * realTime);
  }
  for (const { machine, nodes } of machinesOf(lab)) {
    await makePart(machineOf(lab, machine), {
      ...awake,
      'cpu.shares': nodes.length * usualShares,
      'cpu.rt_runtime_us': nodes.length * realTime,
      'cpu.cfs_quota_us': Math.round((cpus().length * periodMicroseconds) / 2),
    });
    for (const node of nodes)
      await makePart(partOf(lab, node), {
        ...awake,
        'cpu.shares': usualShares,
        'cpu.rt_runtime_us': realTime,
      });
  }
}

/**
 * Makes this process, and what it starts from now on, stand for clients on machines of their own: none of the lab's
 * waits for it, and it waits for none. Outside of the lab's groups each of its many short turns would come after the
 * turn of whatever runs, 4 ms here: requests took two seconds on busy processors, and half of that was the client's.
 */
export async function joinClients(lab: Pick<Lab, 'name'>): Promise<void> {
  const file = join(processorHierarchy, clientsOf(lab), 'cgroup.procs');
  if (existsSync(file)) await writeFile(file, `${process.pid}`);
}

/** Words before a command that is neither a client nor a host: it runs where the rest of this machine does. */
export const besideTheLab = (): readonly string[] =>
  existsSync(processorHierarchy)
    ? ['sh', '-c', `echo $$ > ${join(processorHierarchy, 'cgroup.procs')}; exec "$@"`, 'sh']
    : [];

/** The file by which a process joins its host's part; undefined where there is none. */
export function processorsOf(lab: Lab, host: Host): string | undefined {
  const file = join(processorHierarchy, partOf(lab, host), 'cgroup.procs');
  return existsSync(file) ? file : undefined;
}

interface Lab {
  readonly name: string;
  readonly hosts: readonly Host[];
}

type Host = Pick<LabHost, 'name' | 'machine'>;

/** No machine has such a name. */
const clientsOf = (lab: Pick<Lab, 'name'>): string => join(labGroup(lab), '.clients');

export const machineOf = (lab: Pick<Lab, 'name'>, machine: string): string => join(labGroup(lab), machine);

/** A host's part has its machine's above it, also where both have one name. */
export const partOf = (lab: Pick<Lab, 'name'>, host: Host): string =>
  join(machineOf(lab, host.machine), host.name);

/** The kernel's weight of a program of usual priority. */
export const usualShares = 1024;
/** Clients wait for nobody: there are fewer of them than of hosts, and they do little. */
const clientShares = 8 * usualShares;
/** 1: the group's processes run where nobody else wants to, and make way at once. */
export const idleFile = 'cpu.idle';
/** Before its weight, which an idle group has none of. */
const awake = { [idleFile]: 0 };
/** The kernel's own period of `cpu.cfs_quota_us`. */
const periodMicroseconds = 100_000;
/** Microseconds of each second. Keepalived takes less than 1 000 of them, and more while it reads its configuration. */
const realTimeOfHost = 37_000;
/** Microseconds of each second; three labs at a time stay below the kernel's own 950 000. */
const realTimeOfLab = 300_000;

const machinesOf = ({ hosts }: Lab) =>
  [...new Set(hosts.map(({ machine }) => machine))].map((machine) => ({
    machine,
    nodes: hosts.filter((host) => host.machine === machine),
  }));

/** How many hosts have a part besides: an inventory that names fewer than run takes nothing from those. */
async function othersIn(lab: Lab): Promise<number> {
  const described = new Set(lab.hosts.map((host) => partOf(lab, host)));
  const foldersIn = async (group: string): Promise<readonly string[]> => {
    const entries = await readdir(join(processorHierarchy, group), { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(group, name));
  };
  const machines = (await foldersIn(labGroup(lab))).filter((group) => group !== clientsOf(lab));
  const parts = (await Promise.all(machines.map(foldersIn))).flat();
  return parts.filter((part) => !described.has(part)).length;
}

async function giveBack(group: string, realTime: number): Promise<void> {
  const file = join(processorHierarchy, group, 'cpu.rt_runtime_us');
  if (existsSync(file) && Number(await readFile(file, 'utf8')) > realTime) await setLimit(file, realTime);
}

async function makePart(group: string, limits: Readonly<Record<string, number>>): Promise<void> {
  const folder = join(processorHierarchy, group);
  await mkdir(folder, { recursive: true });
  for (const [file, value] of Object.entries(limits)) {
    // Not every kernel is built with each of them.
    if (existsSync(join(folder, file))) await setLimit(join(folder, file), value);
  }
}

/**
 * A group that was just removed goes on counting until the kernel has let go of it: taken down and brought up at once, a
 * lab would have asked for its real-time share twice, which is refused (EINVAL).
 */
async function setLimit(file: string, value: number): Promise<void> {
  let refusal: unknown;
  const isSet = async () => {
    try {
      await writeFile(file, `${value}`);
      return true;
    } catch (failure) {
      if (!(failure instanceof Error && 'code' in failure && failure.code === 'EINVAL')) throw failure;
      refusal = failure;
      return false;
    }
  };
  if (!(await eventually(isSet, lettingGoSeconds))) throw refusal;
}

/** It was gone after a tenth of a second; busy machines are slower. */
const lettingGoSeconds = 10;
