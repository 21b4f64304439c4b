import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { labGroup, processorHierarchy } from './cgroup.ts';
import type { LabDescription, LabHost } from './description.ts';

/**
 * Machines have processors of their own: one that boots does not take them from the others, nor from the clients. Here
 * all share this machine's, so a physical machine with all nodes on it gets half of them at most. Without that limit,
 * on two cores, clients stood still for seconds while a host booted, and what they measured was their own wait.
 * Returns the file by which a process joins its host's part; undefined where the kernel has no such groups (with
 * version 2 alone they are the machine's own systemd's to give).
 */
export async function processorsOf(
  lab: Pick<LabDescription, 'name' | 'hosts'>,
  host: Pick<LabHost, 'name' | 'machine'>,
): Promise<string | undefined> {
  if (!existsSync(join(processorHierarchy, 'cpu.shares'))) return undefined;
  const hosts = lab.hosts.length + 1;
  // A program beside the lab counts as two hosts.
  const shares = (hosts * usualShares) / 2;
  const machine = join(labGroup(lab), host.machine);
  const group = join(machine, host.name);
  // Keepalived runs before everything else, for which each group must have time set aside.
  const realTime = Math.floor(realTimeOfLab / hosts);
  const nodes = lab.hosts.filter((each) => each.machine === host.machine).length;
  await makePart('mcp-lab', { 'cpu.shares': shares, 'cpu.rt_runtime_us': 2 * realTimeOfLab });
  await makePart(labGroup(lab), { 'cpu.shares': shares, 'cpu.rt_runtime_us': realTimeOfLab });
  await makePart(machine, {
    'cpu.shares': nodes * usualShares,
    'cpu.rt_runtime_us': nodes * realTime,
    'cpu.cfs_quota_us': Math.round((cpus().length * periodMicroseconds) / 2),
  });
  await makePart(group, { 'cpu.shares': usualShares, 'cpu.rt_runtime_us': realTime });
  return join(processorHierarchy, group, 'cgroup.procs');
}

/** The kernel's weight of a program of usual priority. */
const usualShares = 1024;
/** The kernel's own period of `cpu.cfs_quota_us`. */
const periodMicroseconds = 100_000;
/** Microseconds of each second; two labs at a time stay below the kernel's own 950 000. */
const realTimeOfLab = 450_000;

async function makePart(group: string, limits: Readonly<Record<string, number>>): Promise<void> {
  const folder = join(processorHierarchy, group);
  await mkdir(folder, { recursive: true });
  for (const [file, value] of Object.entries(limits)) {
    // Not every kernel is built with each of them.
    if (existsSync(join(folder, file))) await writeFile(join(folder, file), `${value}`);
  }
}
