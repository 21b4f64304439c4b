import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import type { Inventory } from '../model/inventory.ts';
import { labFolder } from '../model/lab-folder.ts';
import type { Release } from '../model/release.ts';
import type { ImageExtras, LabDescription, LabHost } from './described.ts';
import { hostsOf } from './hosts-of.ts';
import { outsidersOf } from './outsiders-of.ts';
import { segmentsOf } from './segments.ts';

export type { ImageExtras, LabDescription, LabHost, LabLogin, LabOutsider, Link } from './described.ts';

/** Describes the lab that an inventory asks for. */
export function describeLab(inventory: Inventory): LabDescription {
  const { lab } = inventory;
  if (lab === undefined) {
    throw new McpError('invalid-arguments', `${inventory.file} has no \`lab\` section`, {
      hint: 'name an inventory that describes a lab, or add `lab: { name: … }` to this one',
    });
  }
  const folder = labFolder(lab);
  const segments = segmentsOf(inventory);
  return {
    name: lab.name,
    inventory: inventory.file,
    directory: lab.directory,
    folder,
    imageKind: lab.image,
    release: releasesIn(inventory)[0] ?? inventory.platform.release,
    identityFile: inventory.ssh.identityFiles[0] ?? join(lab.directory, 'id_ed25519'),
    knownHosts: inventory.ssh.knownHosts,
    controller: segments.flatMap(({ controller }) => controller),
    segments,
    extras: extrasOf(inventory),
    hosts: hostsOf(inventory, lab, segments),
    outsiders: outsidersOf(lab, segments),
    shared: lab.shared.map((path) => ({ folder: join(folder, 'shared', path), path })),
    vips: Object.fromEntries(inventory.vips.map((vip) => [vip.name, vip.address])),
  };
}

/** What the hosts of an inventory run. */
export const releasesIn = ({ machines }: Inventory): readonly Release[] => [
  ...new Set(machines.flatMap(({ nodes }) => nodes.map(({ platform }) => platform.release))),
];

/** The hosts that a word of the operator means: a host, or a physical machine with all nodes on it. */
export function hostsNamed(lab: LabDescription, target: string): readonly LabHost[] {
  const hosts = lab.hosts.filter((host) => host.name === target || host.machine === target);
  if (hosts.length > 0) return hosts;
  refuseOutsider(lab, target);
  throw new McpError('invalid-arguments', `the lab ${lab.name} has no host or machine ${target}`, {
    hint: `name one of ${[...new Set(lab.hosts.flatMap(({ machine, name }) => [machine, name]))].join(', ')}`,
  });
}

/** It has no power, no disk and no sshd that a verb could mean. */
function refuseOutsider(lab: LabDescription, target: string): void {
  const outsider = lab.outsiders?.find(({ name }) => name === target);
  if (outsider === undefined) return;
  throw new McpError('invalid-arguments', `${target} is an outsider of the lab ${lab.name}, not a host`, {
    hint: `run programs there with nsenter --net=/run/netns/${outsider.namespace}`,
  });
}

/** The one host that a word of the operator means. */
export function hostNamed(lab: LabDescription, name: string): LabHost {
  const [host, ...others] = hostsNamed(lab, name);
  if (host !== undefined && others.length === 0) return host;
  throw new McpError('invalid-arguments', `${name} carries several hosts`, {
    hint: `name one of ${hostsNamed(lab, name)
      .map((each) => each.name)
      .join(', ')}`,
  });
}

function extrasOf({ machines, lab }: Inventory): ImageExtras {
  const nodes = machines.flatMap((machine) => machine.nodes);
  const habits = nodes.flatMap(({ name }) => lab?.habits?.[name] ?? []);
  return {
    packages: [
      ...(nodes.some(({ ssh }) => ssh.sudo !== 'none') ? ['sudo'] : []),
      ...(habits.some(({ shell }) => shell === 'fish') ? ['fish'] : []),
    ],
    languages: [...new Set(habits.flatMap(({ language }) => language ?? []))].sort(),
  };
}
