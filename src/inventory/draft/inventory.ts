import { type NetworkName, networkNames } from '../../model/inventory.ts';
import { usualRelease } from '../../model/release.ts';
import { type Addresses, addressesOf } from './addresses.ts';
import { type Beginning, networksOf } from './beginning.ts';
import { type DraftHost, type DraftMachine, machinesOf, networksBeside } from './machines.ts';

/** The schema that editors check the draft by lies beside it. */
export const draftSchemaFile = 'inventory.schema.json';

/**
 * The text of an inventory to begin with: whole, and with a comment wherever it guesses. Throws McpError
 * `invalid-arguments` where a network has no room for the hosts.
 */
export function draftInventory(beginning: Beginning): string {
  const hosts = machinesOf(beginning.machines).flatMap((machine) => machine.hosts);
  const addresses = new Map(
    networksOf(beginning).map(({ name, cidr }) => [
      name,
      addressesOf(cidr, { hosts: hosts.length, vips: vipsOf(beginning).length }),
    ]),
  );
  return [
    head(beginning),
    networks(beginning),
    machines(beginning, addresses),
    vips(beginning, addresses),
    services,
  ].join('\n');
}

type AddressesByNetwork = ReadonlyMap<NetworkName, Addresses>;

const head = ({ machines: count, cloud, user }: Beginning): string => `\
# yaml-language-server: $schema=./${draftSchemaFile}
# ${layouts[count]}
# Lines below ADAPT hold guesses. \`mcp explain PATH\` says what else may be written, \`mcp validate\` what is wrong.
# After an upgrade of mcp, \`mcp explain --schema > ${draftSchemaFile}\` renews what editors check this file by.
format: 1

# Hosts remember the name of their cloud, and refuse a deploy of another one.
cloud: ${cloud}
# ADAPT: the name of the region in the catalogue. Once something is registered in it, it stays.
region: RegionOne

# What the hosts run: trixie is Debian 13, bookworm Debian 12. A host that runs another one is refused.
platform: { distribution: debian, release: ${usualRelease} }

# How the hosts are reached. Their keys are always verified: \`mcp trust\` pins them.
ssh:
  user: ${user}
${user === 'root' ? '' : sudo}\
  # ADAPT: where it is not the agent, or one of the usual keys, that opens them; and the way, where there is one.
  # identityFile: ~/.ssh/id_ed25519
  # jump: operator@bastion.example.org
  # The pinned keys, in a file beside this one that colleagues share; by default ~/.ssh/known_hosts.
  # knownHosts: known_hosts
`;

const layouts: Readonly<Record<Beginning['machines'], string>> = {
  3: 'Three machines, each carrying every role: the smallest layout that survives the loss of one.',
  5: 'Five machines: three carry the APIs, the database and the broker, two what users reach.',
  11: 'The virtual control plane: three machines carry eleven hosts, no two members of anything on the same machine.',
};

const sudo = `\
  # ADAPT: \`password\` where sudo wants one. It is asked for once, and kept nowhere.
  sudo: passwordless
`;

function networks(beginning: Beginning): string {
  const given = networksOf(beginning);
  const others = networkNames.filter((name) => given.every((network) => network.name !== name));
  const unsaid =
    others.length === 0 ? [] : [`  # ${others.join(', ')}: without one of their own, in management.`];
  return [
    'networks:',
    ...given.flatMap(({ name, cidr, interface: device }) => [
      `  # ${purposes[name]}`,
      `  ${name}: { cidr: ${cidr}, interface: ${device} }`,
    ]),
    ...unsaid,
    '',
  ].join('\n');
}

const purposes: Readonly<Record<NetworkName, string>> = {
  management: 'Of ssh, and of all that has no network of its own.',
  internal: 'Of the APIs among themselves, and of their VIPs.',
  public: 'What users reach: the proxies and their VIP.',
  replication: 'Of the members of the database and of the broker.',
};

const machines = ({ machines: count }: Beginning, addresses: AddressesByNetwork): string =>
  [
    '# ADAPT: names, addresses, and where each machine stands. A rack is what fails as a whole: a power supply, a switch.',
    '# Where an interface has another name on one machine: `interfaces: { management: eno1 }`, beside its roles.',
    'machines:',
    ...placed(machinesOf(count)).flatMap((machine) => machineText(machine, addresses)),
    '',
  ].join('\n');

/** A host, and its place in the row of all hosts, which its addresses follow. */
type PlacedHost = DraftHost & { readonly index: number };
type PlacedMachine = Omit<DraftMachine, 'hosts'> & { readonly hosts: readonly PlacedHost[] };

/** Members of the same stand in a row: ctl01, ctl02, ctl03, dbs01. */
function placed(drafted: readonly DraftMachine[]): readonly PlacedMachine[] {
  const names = drafted.flatMap(({ hosts }) => hosts.map(({ name }) => name)).toSorted();
  return drafted.map((machine) => ({
    ...machine,
    hosts: machine.hosts.map((host) => ({ ...host, index: names.indexOf(host.name) })),
  }));
}

function machineText({ name, rack, hosts }: PlacedMachine, addresses: AddressesByNetwork): readonly string[] {
  const [only] = hosts;
  if (only?.name === name) return [`  ${name}:`, `    rack: ${rack}`, ...hostText(only, addresses, '    ')];
  const nodes = hosts.flatMap((host) => [`      ${host.name}:`, ...hostText(host, addresses, ' '.repeat(8))]);
  return [`  ${name}:`, `    rack: ${rack}`, '    nodes:', ...nodes];
}

function hostText(
  { roles, index }: PlacedHost,
  addresses: AddressesByNetwork,
  indent: string,
): readonly string[] {
  const own = ['management' as const, ...networksBeside(roles)].flatMap((network) => {
    const address = addresses.get(network)?.host(index);
    return address === undefined ? [] : [`${network}: ${address}`];
  });
  return [`${indent}addresses: { ${own.join(', ')} }`, `${indent}roles: [${roles.join(', ')}]`];
}

/** The VIPs of every layout; `routerId`s far from 1, which other routers take first. */
const vipsOf = ({ domain, internal, public: outside }: Beginning) => {
  const inside: NetworkName = internal ? 'internal' : 'management';
  return [
    { name: 'control', role: 'control', network: inside, routerId: 51, hostname: `internal.${domain}` },
    { name: 'database', role: 'database', network: inside, routerId: 52, hostname: undefined },
    {
      name: 'public',
      role: 'proxy',
      network: outside ? 'public' : 'management',
      routerId: 61,
      hostname: domain,
    },
  ] as const;
};

const vips = (beginning: Beginning, addresses: AddressesByNetwork): string =>
  [
    '# ADAPT: addresses that nobody has, names that your DNS leads to them, and routerIds (VRRP) that no other router',
    '# uses in the network: `mcp check` listens for them.',
    'vips:',
    ...vipsOf(beginning).flatMap(({ name, role, network, routerId, hostname }, index) => [
      `  # ${vipPurposes[name]}`,
      `  ${name}:`,
      `    role: ${role}`,
      `    network: ${network}`,
      `    address: ${addresses.get(network)?.vip(index) ?? ''}`,
      `    routerId: ${routerId}`,
      ...(hostname === undefined ? [] : [`    hostname: ${hostname}`, '    tls: true']),
    ]),
    '',
  ].join('\n');

const vipPurposes = {
  control: 'The APIs, for services and operators.',
  database: 'The one writer of the database, for the services.',
  public: 'The APIs and the dashboard, for users.',
} as const;

const services = `\
# Only what differs from the defaults: \`mcp explain services\` lists the services, \`mcp explain services.galera\` what one takes.
services:
  glance:
    store:
      # ADAPT: before the deploy mount one file system (NFS, CephFS) at this path on all control hosts. An image that only
      # one of them has is not found by the others; \`shared: true\` is your word that this can't happen.
      path: /var/lib/glance/images
      shared: true
  # ADAPT: your own time servers; without them the hosts ask 2.debian.pool.ntp.org. And the networks of operators and
  # programs that may reach SQL and the broker's management on the VIPs; hosts of this cloud may anyway.
  # host:
  #   timeServers: [ntp1.example.org, ntp2.example.org]
  #   trustedNetworks: [192.0.2.0/28]
  # ADAPT: on a host of its own the database may have 60 % of the memory.
  # galera:
  #   bufferPoolSize: 16G
`;
