import { readdir, rm } from 'node:fs/promises';
import { attempt, run } from './command.ts';
import type { LabDescription, LabOutsider } from './description.ts';
import { bridgeOf, inside, networkExists } from './network.ts';

/** The one card that an outsider has; no inventory asks for another name. */
const card = 'eth0';

/** Puts every outsider on the lab's switch, or completes what an earlier run left of it. */
export async function placeOutsiders(lab: LabDescription): Promise<void> {
  for (const outsider of lab.outsiders ?? []) await placeOutsider(lab, outsider);
}

/** Takes a lab's outsiders away: by the kernel's list, which has those too that an edited inventory no longer names. */
export async function endOutsiders(lab: LabDescription): Promise<void> {
  const namespaces = await readdir('/run/netns').catch(() => []);
  for (const namespace of namespaces.filter((name) => name.startsWith(`${lab.name}.`)))
    await endOutsider({ namespace });
}

/** Takes one away. A program that still runs there keeps the namespace for as long as it lives, but not the cable. */
export async function endOutsider({ namespace }: Pick<LabOutsider, 'namespace'>): Promise<void> {
  const file = `/run/netns/${namespace}`;
  if (!(await networkExists({ name: namespace }))) return rm(file, { force: true });
  await unplug({ namespace });
  await run(['ip', 'netns', 'del', namespace]);
}

async function placeOutsider(lab: LabDescription, outsider: LabOutsider): Promise<void> {
  const { namespace, address, port } = outsider;
  if (!(await networkExists({ name: namespace }))) {
    await endOutsider(outsider);
    await run(['ip', 'netns', 'add', namespace]);
  }
  if ((await attempt([...inside(lab), 'ip', 'link', 'show', port])).exitCode !== 0) {
    // The other end may be in an earlier network of the lab, which lives for as long as any process in it.
    await unplug(outsider);
    const cable = ['link', 'add', port, 'type', 'veth', 'peer', 'name', card, 'netns', namespace];
    await run([...inside(lab), 'ip', ...cable]);
  }
  await batch(lab, [`link set ${port} master ${bridgeOf(outsider)} up`]);
  await batch({ name: namespace }, [
    'link set lo up',
    `address replace ${address} dev ${card}`,
    `link set ${card} up`,
    ...(outsider.gateway === undefined ? [] : [`route replace default via ${outsider.gateway}`]),
  ]);
}

const unplug = ({ namespace }: Pick<LabOutsider, 'namespace'>) =>
  attempt([...inside({ name: namespace }), 'ip', 'link', 'del', card]);

const batch = (network: Pick<LabDescription, 'name'>, commands: readonly string[]): Promise<string> =>
  run([...inside(network), 'ip', '-batch', '-'], { input: commands.join('\n') });
