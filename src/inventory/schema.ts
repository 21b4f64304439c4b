import { z } from 'zod';
import { address, cidr, networkOfHosts } from '../model/address-shape.ts';
import { networkNames, roles } from '../model/inventory.ts';
import { releases } from '../model/release.ts';
import type { Service } from '../model/service.ts';
import { settingsOfOneMachine } from './machine-settings.ts';
import { cloudName, domainName, hostName, interfaceName, path, port, word } from './values.ts';

export interface Strictness {
  /** Any name, network and number of roles is taken: for what is judged further though it has mistakes. */
  readonly isLenient?: boolean;
}

/**
 * The shape of an inventory file for these services. Unknown keys are errors everywhere. Built once for a list of services:
 * that takes longer than to read a file with it.
 */
export function inventorySchema(
  services: readonly Service[],
  { isLenient = false }: Strictness = {},
): InventorySchema {
  const built = isLenient ? lenientSchemas : strictSchemas;
  const known = built.get(services);
  if (known) return known;
  const schema = schemaFor(services, isLenient);
  built.set(services, schema);
  return schema;
}

type InventorySchema = ReturnType<typeof schemaFor>;
export type InventoryShape = z.infer<InventorySchema>;
export type MachineShape = InventoryShape['machines'][string];

const strictSchemas = new WeakMap<readonly Service[], InventorySchema>();
const lenientSchemas = new WeakMap<readonly Service[], InventorySchema>();

function schemaFor(services: readonly Service[], isLenient: boolean) {
  const name = isLenient ? z.string() : hostName;
  const roleList = (isLenient ? z.array(z.enum(roles)) : z.array(z.enum(roles)).min(1)).describe(
    'What it is for: control (APIs), database, messaging, proxy (what users reach).',
  );
  const machineServices = settingsByService(services, (service) => settingsOfOneMachine(service).optional());
  const placed = placement(machineServices);
  const node = z
    .strictObject({ addresses, roles: roleList, ...placed })
    .describe('A virtual machine of the control plane that answers ssh.');
  const machine = z
    .strictObject({
      rack: word.optional().describe('Where it stands: a failure domain that is wider than the machine.'),
      addresses: addresses.optional(),
      roles: roleList.optional(),
      nodes: z
        .record(name, node)
        .meta({ minProperties: 1 })
        .optional()
        .describe('The hosts it carries, where it has no roles itself: the virtual control plane.'),
      ...placed,
    })
    .meta({
      description:
        'A physical machine: a failure domain. It has addresses and roles itself, or it carries nodes.',
      oneOf: [
        { required: ['addresses', 'roles'], not: { required: ['nodes'] } },
        { required: ['nodes'], not: { anyOf: [{ required: ['addresses'] }, { required: ['roles'] }] } },
      ],
    });
  return z
    .strictObject({
      ...general,
      networks: networks(isLenient ? cidr : networkOfHosts),
      machines: z
        .record(name, machine)
        .meta({ minProperties: 1, description: 'The physical machines, by host name.' }),
      vips: z.record(name, vip).meta({ minProperties: 1, description: 'Virtual IP addresses, by name.' }),
      services: settingsByService(services, ({ settings }) => settings.prefault({}))
        .prefault({})
        .describe('Settings of services, by name: only what differs from their defaults.'),
      inspection,
      lab,
    })
    .meta(labOrRelease);
}

/** What machines run that no lab makes never depends on who asks (see `releaseUnsaid`). */
const labOrRelease = {
  anyOf: [{ required: ['lab'] }, { properties: { platform: { required: ['release'] } } }],
};

export type SshShape = z.infer<typeof sshOptions>;

type Words = Readonly<Record<string, z.ZodType>>;

const settingsByService = (services: readonly Service[], schemaOf: (service: Service) => z.ZodType) => {
  const byName: Words = Object.fromEntries(
    services.map((service) => [
      service.name,
      schemaOf(service).describe(`Settings of ${service.title}, by default as listed.`),
    ]),
  );
  return z.strictObject(byName);
};

const perNetwork = <Value extends z.ZodType>(value: Value) => ({
  internal: value.optional().describe('APIs and VIPs; by default the management network.'),
  public: value.optional().describe('What users reach; by default the management network.'),
  replication: value.optional().describe('Galera and RabbitMQ; by default the management network.'),
});

const distribution = z.enum(['debian']).describe('Distribution of the hosts.');
const release = z.enum(releases);

const platform = z
  .strictObject({
    distribution,
    release: release
      .optional()
      .describe(
        'Code name of its release. Where there is a `lab` section it may be left out: hosts run what its lab was ' +
          'brought up with, and that is what RELEASE names.',
      ),
  })
  .describe('What the hosts run.');

const ownPlatform = z.strictObject({ distribution, release: release.describe('Code name of its release.') });

const sshOptions = z.strictObject({
  user: word.optional().describe('Who logs in; by default root.'),
  port: port.optional().describe('Port of sshd; by default 22.'),
  identityFile: z
    .union([path, z.array(path).min(1)], { error: 'must be a path or a list of paths' })
    .optional()
    .describe('Private key or keys, from the inventory’s folder; by default the agent and the usual keys.'),
  knownHosts: path.optional().describe('Known host keys, always verified; by default ~/.ssh/known_hosts.'),
  namespace: word
    .optional()
    .describe('Network namespace to work in (a management VRF, a lab). Entering one needs root.'),
  jump: z
    .string()
    .regex(
      /^([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(:0*([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?$/,
      'must be [user@]host[:port], with a port from 1 to 65535',
    )
    .optional()
    .describe('One hop on the way, [user@]host[:port].'),
  sudo: z
    .enum(['none', 'passwordless', 'password'])
    .optional()
    .describe('How to become root; by default `none` for root and `passwordless` for other users.'),
});

const ssh = sshOptions.describe('How the hosts are reached.');

const addresses = z
  .strictObject({
    management: address.describe('Address in the management network.'),
    ...perNetwork(address),
  })
  .describe('IPv4 addresses by network.');

const placement = <Services extends z.ZodType>(machineServices: Services) => ({
  ssh: ssh.optional().describe('How this one is reached, where it differs.'),
  platform: ownPlatform.optional().describe('What this one runs, where it differs.'),
  interfaces: z
    .strictObject({
      management: interfaceName.optional().describe('Interface in the management network.'),
      ...perNetwork(interfaceName),
      inspection: interfaceName
        .optional()
        .describe(
          'Interface through which the copy for inspection leaves; by default as inspection.interface has it.',
        ),
    })
    .optional()
    .describe('Names of network interfaces, where they differ.'),
  services: machineServices
    .optional()
    .describe('Settings of services that may differ from machine to machine, where they do here.'),
});

const networks = (kind: typeof cidr) => {
  const network = z
    .strictObject({
      cidr: kind.describe('The network with its prefix, such as 10.0.0.0/24.'),
      interface: interfaceName.describe('The interface that hosts have in it, where they say no other one.'),
      gateway: address
        .optional()
        .describe(
          'Its router, which has to answer ping: asked as well whether a host is cut off, where only two hosts ' +
            'have an address in the network of a VIP.',
        ),
    })
    .describe('A network that the hosts share.');
  return z
    .strictObject({
      management: network.describe('For ssh, and for everything whose own network is not given.'),
      ...perNetwork(network),
    })
    .describe('The networks of the cloud.');
};

const vip = z.strictObject({
  role: z.enum(roles).describe('The hosts with this role can hold it.'),
  network: z.enum(networkNames).default('management').describe('The network that its address is in.'),
  address: address.describe('The virtual IPv4 address.'),
  routerId: z
    .int()
    .min(1)
    .max(255)
    .describe(
      'VRRP virtual router id (VRID), 1 to 255: unique in the network segment, other users of it included.',
    ),
  hostname: domainName.optional().describe('The name that clients use for it; goes into its certificate.'),
  tls: z.boolean().default(false).describe('Whether clients speak TLS with it.'),
});

const inspection = z
  .strictObject({
    address: address.describe('Address of the host of the security domain, in reach without a router.'),
    interface: interfaceName
      .optional()
      .describe('Interface of our hosts through which the copy leaves; by default that of management.'),
  })
  .optional()
  .describe(
    'Copies the cleartext between load balancers and servers, both directions, to a host that inspects it.',
  );

const habits = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}_[A-Z]{2}\.UTF-8$/, 'must be a locale of UTF-8, as de_DE.UTF-8')
    .optional()
    .describe('Locale of the host.'),
  umask: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'must be three octal digits, in quotes')
    .optional()
    .describe('Umask of whoever logs in.'),
  shell: z.enum(['bash', 'fish']).optional().describe('Login shell of whoever logs in; by default bash.'),
  greeting: z
    .string()
    .regex(/^[A-Za-z0-9 .,!?:()-]*$/, 'must be plain words')
    .optional()
    .describe('A line that the login shell says each time, whoever listens.'),
  tmpNoexec: z.boolean().optional().describe('Whether nothing below /tmp can be executed.'),
  cloudInitHosts: z
    .boolean()
    .optional()
    .describe('Whether /etc/hosts is as cloud-init writes it, the host’s own name at 127.0.1.1 first.'),
  altname: interfaceName.optional().describe('A second name of its card in the management network.'),
});

const lab = z
  .strictObject({
    name: hostName
      .optional()
      .describe('Network namespace and name prefix of all that the lab makes; by default mcp-CLOUD.'),
    directory: path
      .default('../.lab')
      .describe('Folder of images, hosts and keys, from the inventory’s folder.'),
    image: z
      .enum(['stocked', 'bare'])
      .default('stocked')
      .describe('`stocked` has all packages already, `bare` none: the deploy then installs them.'),
    shared: z
      .array(z.string().regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path'))
      .default([])
      .describe('Folders that all hosts see the same of, as a file server would give them.'),
    disks: z
      .partialRecord(
        z.enum(roles),
        z.array(z.string().regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path')),
      )
      .default({})
      .describe('Folders that have a file system of their own on the hosts of a role.'),
    recorder: z
      .strictObject({
        name: hostName.describe('Its host name, for the verbs of the lab.'),
        address: address.describe('Its address in the management network; the inspection’s, to record that.'),
      })
      .optional()
      .describe('One more host, of nobody’s cloud, that records what arrives at it.'),
    outsiders: z
      .record(hostName, address.describe('Its address, in a network of the inventory or that of `clients`.'))
      .default({})
      .describe(
        'Who is in a network of the lab and belongs to nobody’s cloud, by name: a network namespace, ' +
          'LAB.NAME, from which programs of this machine attack the hosts, or are their clients.',
      ),
    clients: cidr
      .optional()
      .describe(
        'One more network, from which outsiders reach the hosts through the lab’s router alone. The router keeps ' +
          'account of connections: it takes new ones from the management network and to the public one.',
      ),
    password: word
      .default('lab')
      .describe('Password of whoever logs in to the hosts and is not root (`ssh.user`), for sudo.'),
    habits: z
      .record(hostName, habits)
      .default({})
      .describe('What is peculiar about some hosts, by name, as whoever installs machines leaves them.'),
  })
  .optional()
  .describe('With this section the inventory can be brought up as a lab on one machine.');

const general = {
  format: z.literal(1).describe('Format of this file.'),
  cloud: cloudName.describe('Name of the cloud: hosts remember it and refuse another one.'),
  region: word.default('RegionOne').describe('Name of the OpenStack region.'),
  platform,
  ssh: ssh.prefault({}),
  secrets: path
    .optional()
    .describe('Passwords, keys and cookies, made by `mcp secrets init`; by default INVENTORY.secrets.yaml.'),
  certificates: path
    .optional()
    .describe(
      'Folder of the authority and the certificates of VIPs and hosts, made by `mcp certs init`; by default INVENTORY.certs.',
    ),
  overrides: path
    .optional()
    .describe(
      'Folder of what is different in rendered files, by default overrides. Below all/, role/ROLE/ or host/NAME/: ' +
        'etc/…/FILE.merge adds keys to an INI or cnf file, etc/…/FILE.append adds text below any file, ' +
        'templates/SERVICE/FILE.hbs replaces a template, FILE.py and FILE.sh a program, files/PATH is a file of your own.',
    ),
};
