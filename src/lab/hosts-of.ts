import { join } from 'node:path';
import {
  type Inventory,
  type LabSettings,
  type Machine,
  type Node,
  networkNames,
  type SshSettings,
} from '../model/inventory.ts';
import type { LabHost, Link } from './described.ts';
import { onWire, portName } from './ports.ts';
import { cardIn, type Place, placeOf, type Segment } from './segments.ts';

/** All that run a systemd of their own in the lab: the inventory's hosts, and those of nobody's cloud that it needs. */
export function hostsOf(
  inventory: Inventory,
  lab: LabSettings,
  segments: readonly Segment[],
): readonly LabHost[] {
  const folder = join(lab.directory, lab.name);
  return [
    ...inventory.machines.flatMap((machine) =>
      machine.nodes.map((node) => describeHost(node, { machine, inventory, folder, segments })),
    ),
    ...jumpHosts(inventory, folder, segments),
    ...recorderOf(inventory, lab, folder),
  ];
}

interface Surroundings {
  readonly machine: Machine;
  readonly inventory: Inventory;
  readonly folder: string;
  readonly segments: readonly Segment[];
}

function describeHost(node: Node, { machine, inventory, folder, segments }: Surroundings): LabHost {
  const disks = node.roles.flatMap((role) => inventory.lab?.disks?.[role] ?? []);
  const habits = inventory.lab?.habits?.[node.name];
  return {
    name: node.name,
    machine: machine.name,
    address: node.addresses.management,
    sshPort: node.ssh.port,
    folder: join(folder, 'hosts', node.name),
    links: describeLinks(node, inventory, segments),
    ...(disks.length === 0 ? {} : { disks: [...new Set(disks)] }),
    ...loginOf(node.ssh, inventory),
    ...(habits === undefined ? {} : { habits }),
  };
}

/** root always may: it is the lab's own way in, as a console is on metal. */
const loginOf = ({ user, sudo, jump }: SshSettings, { lab }: Inventory): Pick<LabHost, 'login'> =>
  user === 'root'
    ? {}
    : {
        login: {
          ...{ user, sudo, password: lab?.password ?? 'lab' },
          ...(jump === undefined ? {} : { from: jump.host }),
        },
      };

/** Hosts of nobody's cloud through which the others are reached: those that the inventory jumps through. */
function jumpHosts(inventory: Inventory, folder: string, segments: readonly Segment[]): readonly LabHost[] {
  const wanted = inventory.machines.flatMap(({ nodes }) => nodes).flatMap(({ ssh: { jump } }) => jump ?? []);
  const jumps = [...new Map(wanted.map((jump) => [jump.host, jump])).values()];
  return jumps.map(({ host: address, port, user }, index) => {
    const name = `jump${String(index + 1).padStart(2, '0')}`;
    const place = placeOf(segments, address);
    return {
      ...{ name, machine: name, address, sshPort: port },
      folder: join(folder, 'hosts', name),
      links: [
        {
          interface: 'host0',
          port: portName(name, 0),
          addresses: [`${address}/${place?.prefix ?? 24}`],
          ...onWire(place),
          ...(place?.router === undefined ? {} : { gateway: place.router }),
        },
      ],
      ...(user === 'root'
        ? {}
        : { login: { user, sudo: 'none', password: inventory.lab?.password ?? 'lab' } }),
    };
  });
}

/** The host that records, in the management network alone. */
function recorderOf(
  { networks: { management } }: Inventory,
  { recorder }: LabSettings,
  folder: string,
): readonly LabHost[] {
  if (recorder === undefined) return [];
  return [
    {
      name: recorder.name,
      machine: recorder.name,
      address: recorder.address,
      sshPort: 22,
      folder: join(folder, 'hosts', recorder.name),
      links: [
        {
          interface: management.interface,
          port: portName(recorder.name, 0),
          addresses: [`${recorder.address}/${management.cidr.split('/')[1]}`],
        },
      ],
      isRecorder: true,
    },
  ];
}

/**
 * Networks of one interface name share a card, as they would on metal. What is for no network of its own a host sends to
 * the router on the public one, from where its clients come; without that, to the one on the management network.
 */
function describeLinks(node: Node, inventory: Inventory, segments: readonly Segment[]): readonly Link[] {
  const cards = new Map<string, { readonly withPrefix: Set<string>; readonly place: Place | undefined }>();
  for (const name of networkNames) {
    const [network, address] = [inventory.networks[name], node.addresses[name]];
    if (network === undefined || address === undefined) continue;
    const card = cardIn(node, name, network) ?? network.interface;
    const known = cards.get(card) ?? { withPrefix: new Set(), place: placeOf(segments, address) };
    known.withPrefix.add(`${address}/${network.cidr.split('/')[1]}`);
    cards.set(card, known);
  }
  const outwards = placeOf(segments, node.addresses.public ?? node.addresses.management);
  const { altname } = inventory.lab?.habits?.[node.name] ?? {};
  return [...cards].map(([card, { withPrefix, place }], index) => ({
    interface: card,
    port: portName(node.name, index),
    addresses: [...withPrefix],
    ...onWire(place),
    ...(outwards?.router !== undefined && outwards.segment === place?.segment
      ? { gateway: outwards.router }
      : {}),
    ...(index === 0 && altname !== undefined ? { alias: altname } : {}),
  }));
}
