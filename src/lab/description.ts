import { createHash } from 'node:crypto';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { McpError } from '../model/failure.ts';
import type { Inventory, LabSettings, Machine, Network, NetworkName, Node } from '../model/inventory.ts';

/** Everything about a lab that follows from its inventory alone; kept beside the lab so that any later command agrees. */
export interface LabDescription {
  readonly name: string;
  /** The inventory that the lab was brought up from. */
  readonly inventory: string;
  /** Images, keys and saved states, shared by all labs that name the same folder. */
  readonly directory: string;
  /** This lab's own folder, removed by `down`. */
  readonly folder: string;
  readonly imageKind: LabSettings['image'];
  readonly release: string;
  readonly identityFile: string;
  readonly knownHosts: string;
  /** Addresses with prefix length of the controller's end of the wire, one a network. */
  readonly controller: readonly string[];
  readonly hosts: readonly LabHost[];
  /** Absent in the record of a lab that an earlier version brought up. */
  readonly outsiders?: readonly LabOutsider[];
  /** Folders of this machine that every host has mounted, and where. */
  readonly shared: readonly { readonly folder: string; readonly path: string }[];
  readonly vips: Readonly<Record<string, string>>;
}

export interface LabHost {
  readonly name: string;
  /** The physical machine it is, or is on. */
  readonly machine: string;
  /** Management address. */
  readonly address: string;
  readonly sshPort: number;
  readonly folder: string;
  readonly links: readonly Link[];
  /** Folders that have a file system of their own. */
  readonly disks?: readonly string[];
  /** It belongs to nobody's cloud, and records what arrives at it. */
  readonly isRecorder?: true;
}

/** Who is on the lab's switch and no host: a network namespace in which programs of this machine run. */
export interface LabOutsider {
  readonly name: string;
  /** With prefix length. */
  readonly address: string;
  readonly namespace: string;
  /** Of the lab's switch. */
  readonly port: string;
}

/** One network card of a host and the port of the lab's switch that its cable is in. */
export interface Link {
  readonly interface: string;
  readonly port: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** Describes the lab that an inventory asks for. */
export function describeLab(inventory: Inventory): LabDescription {
  const { lab } = inventory;
  if (lab === undefined) {
    throw new McpError('invalid-arguments', `${inventory.file} has no \`lab\` section`, {
      hint: 'name an inventory that describes a lab, or add `lab: { name: … }` to this one',
    });
  }
  const folder = join(lab.directory, lab.name);
  return {
    name: lab.name,
    inventory: inventory.file,
    directory: lab.directory,
    folder,
    imageKind: lab.image,
    release: inventory.platform.release,
    identityFile: inventory.ssh.identityFiles[0] ?? join(lab.directory, 'id_ed25519'),
    knownHosts: inventory.ssh.knownHosts,
    controller: controllerAddresses(inventory),
    hosts: [
      ...inventory.machines.flatMap((machine) =>
        machine.nodes.map((node) => describeHost(node, machine, inventory, folder)),
      ),
      ...recorderOf(inventory, lab, folder),
    ],
    outsiders: describeOutsiders(inventory, lab),
    shared: lab.shared.map((path) => ({ folder: join(folder, 'shared', path), path })),
    vips: Object.fromEntries(inventory.vips.map((vip) => [vip.name, vip.address])),
  };
}

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

function describeHost(node: Node, machine: Machine, inventory: Inventory, folder: string): LabHost {
  const disks = node.roles.flatMap((role) => inventory.lab?.disks?.[role] ?? []);
  return {
    name: node.name,
    machine: machine.name,
    address: node.addresses.management,
    sshPort: node.ssh.port,
    folder: join(folder, 'hosts', node.name),
    links: describeLinks(node, inventory),
    ...(disks.length === 0 ? {} : { disks: [...new Set(disks)] }),
  };
}

/** The host that records, in the management network alone. */
function recorderOf(inventory: Inventory, { recorder }: LabSettings, folder: string): readonly LabHost[] {
  if (recorder === undefined) return [];
  const { management } = inventory.networks;
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
          addresses: [`${recorder.address}/${prefixOf(management)}`],
        },
      ],
      isRecorder: true,
    },
  ];
}

/** A host name has no dot, so the namespace is neither that of another lab nor of an outsider of one. */
const describeOutsiders = (inventory: Inventory, lab: LabSettings): readonly LabOutsider[] =>
  Object.entries(lab.outsiders ?? {}).map(([name, address]) => ({
    name,
    address: `${address}/${prefixOf(inventory.networks.management)}`,
    namespace: `${lab.name}.${name}`,
    port: portName(name, 0),
  }));

/** Networks of one interface name share a card, as they would on metal. */
function describeLinks(node: Node, inventory: Inventory): readonly Link[] {
  const addresses = new Map<string, string[]>();
  for (const [name, network] of networksOf(inventory)) {
    const address = node.addresses[name];
    if (address === undefined) continue;
    const card = node.interfaces[name] ?? network.interface;
    const withPrefix = `${address}/${prefixOf(network)}`;
    addresses.set(card, [...new Set([...(addresses.get(card) ?? []), withPrefix])]);
  }
  return [...addresses].map(([card, withPrefix], index) => ({
    interface: card,
    port: portName(node.name, index),
    addresses: withPrefix,
  }));
}

/** An interface name has at most 15 characters; a long host name keeps its beginning and a hash that tells it apart. */
function portName(host: string, index: number): string {
  const plain = `${host}.${index}`;
  if (plain.length <= 15) return plain;
  return `${host.slice(0, 7)}-${createHash('sha256').update(plain).digest('hex').slice(0, 6)}`;
}

/** In each network the first address that no host, no VIP and no outsider has is the controller's. */
function controllerAddresses(inventory: Inventory): readonly string[] {
  const taken = new Set(
    [
      ...inventory.machines.flatMap(({ nodes }) =>
        nodes.flatMap(({ addresses }) => Object.values(addresses)),
      ),
      ...inventory.vips.map(({ address }) => address),
      ...(inventory.lab?.recorder ? [inventory.lab.recorder.address] : []),
      ...Object.values(inventory.lab?.outsiders ?? {}),
    ].map((address) => ipaddr.parse(address).toNormalizedString()),
  );
  const cidrs = new Set(networksOf(inventory).map(([, { cidr }]) => cidr));
  return [...cidrs].map((cidr) => firstFree(cidr, taken));
}

function firstFree(cidr: string, taken: ReadonlySet<string>): string {
  const [network, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = network.toByteArray();
  for (let last = (bytes.at(-1) ?? 0) + 1; last < 255; last += 1) {
    const address = ipaddr.fromByteArray([...bytes.slice(0, -1), last]).toNormalizedString();
    if (!taken.has(address)) return `${address}/${prefix}`;
  }
  throw new McpError('invalid-arguments', `no address of ${cidr} is left for the lab's controller`);
}

const prefixOf = ({ cidr }: Network): number => ipaddr.parseCIDR(cidr)[1];

function networksOf({ networks }: Inventory): readonly (readonly [NetworkName, Network])[] {
  const names: readonly NetworkName[] = ['management', 'internal', 'public', 'replication'];
  return names.flatMap((name) => {
    const network = networks[name];
    return network === undefined ? [] : [[name, network] as const];
  });
}
