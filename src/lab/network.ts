import { rm } from 'node:fs/promises';
import { attempt, run } from './command.ts';
import type { LabDescription, LabHost, Link } from './description.ts';
import { firstBridge, type Segment } from './segments.ts';

/** Fixed, or it would change with the hosts that come and go, and they would look for the controller in vain. */
const controllerMac = (wire: number): string => `02:00:00:00:00:${String(wire + 1).padStart(2, '0')}`;

/** The lab's wires; the record of a lab that an earlier version brought up has one, and does not say so. */
export const wiresOf = ({ segments, controller }: LabDescription): readonly Segment[] =>
  segments ?? [{ bridge: firstBridge, networks: ['management'], controller }];

/** The switch that a cable is in. */
export const bridgeOf = ({ bridge = firstBridge }: Pick<Link, 'bridge'>): string => bridge;

/** The words that put a program into the lab's network. Not `ip netns exec`: that remounts /sys, and nspawn then fails. */
export const inside = (lab: Pick<LabDescription, 'name'>): readonly string[] => [
  'nsenter',
  `--net=/run/netns/${lab.name}`,
];

/** Makes the lab's own network, with no route out of it, or completes what an earlier run left of it. */
export async function makeNetwork(lab: LabDescription): Promise<void> {
  if (!(await networkExists(lab))) {
    // A file without the namespace mounted on it is what a kill in the middle leaves.
    await rm(`/run/netns/${lab.name}`, { force: true });
    await run(['ip', 'netns', 'add', lab.name]);
  }
  const wires = wiresOf(lab);
  for (const { bridge } of wires)
    await attempt([...inside(lab), 'ip', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0']);
  const commands = wires.flatMap(({ bridge, controller }, wire) => [
    `link set ${bridge} address ${controllerMac(wire)} up`,
    ...controller.map((address) => `address replace ${address} dev ${bridge} nodad`),
  ]);
  await run([...inside(lab), 'ip', '-batch', '-'], {
    input: ['link set lo up', ...commands].map(withoutNodadOn4).join('\n'),
  });
}

/** Takes the network away; with it go its switches and every cable's end in it. */
export async function removeNetwork(lab: LabDescription): Promise<void> {
  if (!(await networkExists(lab))) return rm(`/run/netns/${lab.name}`, { force: true });
  // The namespace itself stays for as long as any process is in it; its links need not.
  for (const { bridge } of wiresOf(lab)) await attempt([...inside(lab), 'ip', 'link', 'del', bridge]);
  await run(['ip', 'netns', 'del', lab.name]);
}

/** True when the namespace is there and can be entered. */
export async function networkExists(lab: Pick<LabDescription, 'name'>): Promise<boolean> {
  return (await attempt([...inside(lab), 'true'])).exitCode === 0;
}

/**
 * A network namespace takes its congestion control over from this machine, where bbr is not rare; a host of its own has
 * Debian's, and what the kernel does for thin streams it does not do with bbr. Where the kernel has no cubic, nothing changes.
 */
export async function useDebiansCongestionControl(leader: number): Promise<void> {
  const set = 'echo cubic >/proc/sys/net/ipv4/tcp_congestion_control';
  await attempt(['nsenter', `--target=${leader}`, '--net', 'sh', '-c', set]);
}

/** Gives a card of a host that just booted its second name: firmware has several for one, and the kernel keeps them all. */
export async function nameCards(leader: number, { links }: LabHost): Promise<void> {
  for (const { interface: card, alias } of links) {
    if (alias === undefined) continue;
    const words = ['ip', 'link', 'property', 'add', 'dev', card, 'altname', alias];
    // One that it has already is refused.
    await attempt(['nsenter', `--target=${leader}`, '--net', ...words]);
  }
}

/** Connects the cards of a host that just booted to the switch; those that are unplugged stay dark. */
export async function connectCables(
  lab: LabDescription,
  host: LabHost,
  unplugged: readonly string[],
): Promise<void> {
  const commands = host.links.flatMap((link) => [
    `link set ${link.port} master ${bridgeOf(link)}`,
    `link set ${link.port} ${unplugged.includes(link.interface) ? 'down' : 'up'}`,
  ]);
  await run([...inside(lab), 'ip', '-batch', '-'], { input: commands.join('\n') });
}

/** Removes what is left of a host's cables: the kernel takes a moment to end those of a host that died. */
export async function removeCables(lab: LabDescription, host: LabHost): Promise<void> {
  const commands = host.links.map(({ port }) => `link del ${port}`);
  await attempt([...inside(lab), 'ip', '-force', '-batch', '-'], { input: commands.join('\n') });
}

/** Pulls or plugs cables of a running host at the switch: the host sees its carrier go or come. */
export async function setCables(lab: LabDescription, host: LabHost, state: 'up' | 'down'): Promise<void> {
  const commands = host.links.map(({ port }) => `link set ${port} ${state}`);
  // -force goes on after a port that is gone, as those of a host that is off are.
  await attempt([...inside(lab), 'ip', '-force', '-batch', '-'], { input: commands.join('\n') });
}

const withoutNodadOn4 = (command: string): string =>
  command.includes(':') ? command : command.replace(/ nodad$/, '');
