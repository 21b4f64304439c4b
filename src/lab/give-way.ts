import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostGroup, processorHierarchy, unifiedHierarchy } from './cgroup.ts';
import type { LabHost } from './description.ts';
import { idleFile, machineOf, partOf, usualShares } from './processors.ts';

/** The kernel's folders of what is a booting host's alone: its own part, and its machine's where no other node of that runs. */
export function partsOfBooting(lab: Lab, host: Host, running: readonly Host[]): readonly string[] {
  const isAlone = !running.some(({ machine }) => machine === host.machine);
  return [folderOf(partOf(lab, host)), ...(isAlone ? [folderOf(machineOf(lab, host.machine))] : [])].filter(
    (folder) => existsSync(join(folder, idleFile)),
  );
}

/**
 * Shell by which a host gets only what the others leave for as long as it boots and starts its services. A machine that
 * returns does all of that on processors of its own; here those that serve, and their clients, would stand in one queue
 * with it: a lower weight alone still let it finish its turn before each of their many short ones, and requests took two
 * seconds. How long that takes depends on what the others leave, so it ends when the host wants nothing more, or has had
 * what a boot takes. The process that watches this is in the host's group and goes with it.
 */
export function giveWay(lab: Lab, host: Host, parts: readonly string[]): string {
  if (parts.length === 0) return ':';
  const yielding = parts.map((folder) => `echo 1 > ${join(folder, idleFile)}`);
  const account = join(unifiedHierarchy, hostGroup(lab, host), 'cpu.stat');
  const watching = [...whileBooting(account), ...wakeNode(lab, host), ...wakeMachine(lab, host.machine)];
  return `{ ${yielding.join('; ')}; (\n${watching.join('\n')}\n) & }`;
}

/** A host that lost its power while it booted makes way no longer, nor does its machine for the nodes that run on it. */
export async function endGivingWay(lab: Lab, host: Host): Promise<void> {
  const nodes = lab.hosts.filter(({ machine }) => machine === host.machine);
  await wakeNow(folderOf(partOf(lab, host)), usualShares);
  const booting = await Promise.all(nodes.map((node) => isBooting(folderOf(partOf(lab, node)))));
  if (!booting.includes(true))
    await wakeNow(folderOf(machineOf(lab, host.machine)), nodes.length * usualShares);
}

interface Lab {
  readonly name: string;
  readonly hosts: readonly Host[];
}

type Host = Pick<LabHost, 'name' | 'machine'>;

const stepSeconds = 5;
/**
 * Of processor time. A control host's boot takes 90 s with nobody asking it anything, and 125 to 160 s where clients leave
 * it little, for it is checked all the while (measured here). With 120, three of three boots made way no longer half a
 * minute before they were done, and requests took seconds until they were.
 */
const bootSeconds = 240;
/** However little the others leave. */
const longestSeconds = 900;
/** Of one processor: a control host that is done uses 0.15 of it for checks, and up to 0.4 where clients ask. */
const quietShare = 0.45;
/**
 * Of the time of all processors, idle: the host had no reason to wait. While a boot still loads what it will serve with,
 * less than 0.05 are; when it has, 0.16 and more, with the drills' and tests' clients asking.
 */
const spareShare = 0.1;
/** Steps; while the database and the broker join the others, before all else is loaded, three were seen in a row. */
const quietSteps = 5;

/**
 * Ends when the host has used little for a while although it could have had more, or has used what a boot takes. A look
 * of `mcp status` takes all that is left for a moment, so a step that was not quiet only takes one that was away.
 */
const whileBooting = (account: string): readonly string[] => [
  `used() { sed -n 's/^usage_usec //p' ${account}; }`,
  // Hundredths of a second, of all processors together.
  "spare() { awk '/^cpu / { print $5 + $6 }' /proc/stat; }",
  "whole() { awk '/^cpu / { for (i = 2; i < 9; i++) sum += $i; print sum }' /proc/stat; }",
  'first=$(used) quiet=0 steps=0',
  `while [ $steps -lt ${longestSeconds / stepSeconds} ]; do`,
  '  before=$(used) idle=$(spare) all=$(whole)',
  `  sleep ${stepSeconds}`,
  '  steps=$((steps + 1)) now=$(used)',
  `  if [ $((now - first)) -ge ${bootSeconds * 1_000_000} ]; then break; fi`,
  `  if [ $((now - before)) -lt ${Math.round(quietShare * stepSeconds * 1_000_000)} ] &&`,
  `     [ $((($(spare) - idle) * 100)) -ge $((($(whole) - all) * ${Math.round(spareShare * 100)})) ]; then`,
  '    quiet=$((quiet + 1))',
  '  elif [ $quiet -gt 0 ]; then',
  '    quiet=$((quiet - 1))',
  '  fi',
  `  if [ $quiet -ge ${quietSteps} ]; then break; fi`,
  'done',
];

const wakeNode = (lab: Lab, host: Host): readonly string[] => wake(folderOf(partOf(lab, host)), usualShares);

/** The machine's part makes way for as long as any node on it boots. */
const wakeMachine = (lab: Lab, machine: string): readonly string[] => {
  const nodes = lab.hosts
    .filter((host) => host.machine === machine)
    .map((node) => folderOf(partOf(lab, node)));
  return [
    `for node in ${nodes.join(' ')}; do`,
    `  if grep -q 1 "$node/${idleFile}" && grep -q . "$node/cgroup.procs"; then exit; fi`,
    'done',
    ...wake(folderOf(machineOf(lab, machine)), nodes.length * usualShares),
  ];
};

/** No longer idle, a group has the kernel's own weight. */
const wake = (part: string, shares: number): readonly string[] => [
  `echo 0 > ${join(part, idleFile)}`,
  `echo ${shares} > ${join(part, 'cpu.shares')}`,
];

async function isBooting(folder: string): Promise<boolean> {
  const [idle, processes] = await Promise.all(
    [idleFile, 'cgroup.procs'].map((file) => readFile(join(folder, file), 'utf8').catch(() => '')),
  );
  return idle?.trim() === '1' && processes !== '';
}

async function wakeNow(folder: string, shares: number): Promise<void> {
  if (!existsSync(join(folder, idleFile))) return;
  await writeFile(join(folder, idleFile), '0');
  await writeFile(join(folder, 'cpu.shares'), `${shares}`);
}

const folderOf = (part: string): string => join(processorHierarchy, part);
