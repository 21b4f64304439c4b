import { basename, dirname, join } from 'node:path';
import type { Inventory, LabSettings, Machine, Node, SshSettings, Vip } from '../model/inventory.ts';
import type { PlatformChoice } from '../model/platform.ts';
import { mergedSettings } from '../model/settings.ts';
import { absolutePath } from './operator.ts';
import type { InventoryShape, MachineShape, SshShape } from './schema.ts';

/** An inventory but for what lies in other files beside it. */
export type Described = Omit<Inventory, 'secrets' | 'certificates' | 'overrides'>;

/** An inventory of which it is settled what its hosts run. */
type SettledShape = InventoryShape & { readonly platform: PlatformChoice };

/** Fills in what the operator left to defaults, and makes paths absolute against the folder of `file`. */
export function assemble(file: string, shape: SettledShape, rawServices: RawServices): Described {
  const folder = dirname(file);
  const lab = shape.lab && labSettings(shape, folder);
  const ssh = { ...(lab && sshIntoLab(lab)), ...shape.ssh };
  const inherited = { ssh, platform: shape.platform };
  return {
    format: shape.format,
    file,
    cloud: shape.cloud,
    region: shape.region,
    platform: shape.platform,
    ssh: sshSettings(ssh, folder),
    networks: defined(shape.networks),
    machines: Object.entries(shape.machines).map(([name, machine]) =>
      machineOf(name, machine, { folder, inherited, rawServices }),
    ),
    vips: Object.entries(shape.vips).map(([name, vip]): Vip => ({ ...vip, name, hostname: vip.hostname })),
    services: shape.services,
    inspection: shape.inspection && { ...shape.inspection, interface: shape.inspection.interface },
    lab,
  };
}

/** Where what lies in other files is found, absolute. */
export function placesBeside(
  file: string,
  shape: Pick<InventoryShape, 'secrets' | 'certificates' | 'overrides'>,
) {
  const folder = dirname(file);
  const stem = basename(file).replace(/\.ya?ml$/, '');
  return {
    secretsFile: absolutePath(shape.secrets ?? `${stem}.secrets.yaml`, folder),
    certificatesDirectory: absolutePath(shape.certificates ?? `${stem}.certs`, folder),
    overrides: {
      directory: absolutePath(shape.overrides ?? 'overrides', folder),
      isNamed: shape.overrides !== undefined,
    },
    recipientsFile: join(folder, `${stem}.recipients`),
  };
}

/** Settings that a machine or node was given as they stand in the file: defaults must not hide what all others have. */
export type RawServices = (machine: string, node?: string) => Readonly<Record<string, unknown>>;

interface Context {
  readonly folder: string;
  readonly inherited: { readonly ssh: SshShape; readonly platform: PlatformChoice };
  readonly rawServices: RawServices;
}

type Placed = Pick<MachineShape, 'ssh' | 'platform' | 'interfaces'>;
type Addresses = NonNullable<MachineShape['addresses']>;
type Interfaces = NonNullable<MachineShape['interfaces']>;

function machineOf(name: string, machine: MachineShape, context: Context): Machine {
  const { rack, nodes, addresses, roles = [] } = machine;
  const { rawServices } = context;
  const carried = Object.entries(nodes ?? {}).map(([nodeName, node]) => ({
    ...nodeOf([machine, node], node.addresses, context),
    name: nodeName,
    roles: node.roles,
    services: mergedSettings(rawServices(name), rawServices(name, nodeName)),
  }));
  const itself = (own: Addresses): Node => ({
    ...nodeOf([machine], own, context),
    name,
    roles,
    services: rawServices(name),
  });
  return { name, rack, carriesNodes: nodes !== undefined, nodes: addresses ? [itself(addresses)] : carried };
}

/** The narrower of `levels` comes last and wins, key by key. */
function nodeOf(
  levels: readonly Placed[],
  addresses: Addresses,
  { folder, inherited }: Context,
): Omit<Node, 'name' | 'roles' | 'services'> {
  const ssh: SshShape = Object.assign({}, inherited.ssh, ...levels.map((level) => level.ssh));
  const interfaces: Interfaces = Object.assign({}, ...levels.map((level) => level.interfaces));
  return {
    addresses: defined(addresses),
    ssh: sshSettings(ssh, folder),
    platform: levels.findLast(({ platform }) => platform)?.platform ?? inherited.platform,
    interfaces: defined(interfaces),
  };
}

function sshSettings(ssh: SshShape, folder: string): SshSettings {
  const user = ssh.user ?? 'root';
  const identityFiles = [ssh.identityFile ?? []].flat();
  return {
    user,
    port: ssh.port ?? 22,
    identityFiles: identityFiles.map((file) => absolutePath(file, folder)),
    knownHosts: absolutePath(ssh.knownHosts ?? '~/.ssh/known_hosts', folder),
    namespace: ssh.namespace,
    jump: ssh.jump === undefined ? undefined : jumpHost(ssh.jump, user),
    sudo: ssh.sudo ?? (user === 'root' ? 'none' : 'passwordless'),
  };
}

/** A lab is reached in its own namespace, with keys that lie in its folder. */
const sshIntoLab = ({ name, directory }: LabSettings): SshShape => ({
  namespace: name,
  identityFile: join(directory, 'id_ed25519'),
  knownHosts: join(directory, 'known_hosts'),
});

function jumpHost(text: string, defaultUser: string): NonNullable<SshSettings['jump']> {
  const {
    user = defaultUser,
    host = '',
    port = '22',
  } = /^(?:(?<user>[^@]+)@)?(?<host>[^:]+)(?::(?<port>\d+))?$/.exec(text)?.groups ?? {};
  return { user, host, port: Number(port) };
}

/** How the lab is made that an inventory in `folder` describes. */
export function labSettings({ lab, cloud }: InventoryShape, folder: string): LabSettings | undefined {
  if (!lab) return undefined;
  return {
    name: lab.name ?? `mcp-${cloud}`,
    directory: absolutePath(lab.directory, folder),
    image: lab.image,
    shared: lab.shared,
    disks: lab.disks,
    recorder: lab.recorder,
    outsiders: lab.outsiders,
    ...(lab.clients === undefined ? {} : { clients: lab.clients }),
    password: lab.password,
    habits: lab.habits,
  };
}

type Defined<Shape> = { [Key in keyof Shape]: Exclude<Shape[Key], undefined> };

/** Leaves out keys whose value is undefined, which an optional property of ours never is. */
const defined = <Shape extends object>(shape: Shape): Defined<Shape> =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Defined<Shape>;
