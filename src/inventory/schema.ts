import { z } from 'zod';
import { address, cidr } from '../model/address-shape.ts';
import { networkNames, roles } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import { domainName, hostName, interfaceName, path, port, word } from './values.ts';

/** The shape of an inventory file for these services. Unknown keys are errors everywhere. */
export function inventorySchema(services: readonly Service[]) {
  const machineServices = settingsByService(services, ({ settings }) => settings.optional());
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
        .record(hostName, node)
        .optional()
        .describe('The hosts it carries, where it has no roles itself: the virtual control plane.'),
      ...placed,
    })
    .describe(
      'A physical machine: a failure domain. It has addresses and roles itself, or it carries nodes.',
    );
  return z.strictObject({
    ...general,
    machines: z.record(hostName, machine).describe('The physical machines, by host name.'),
    vips,
    services: settingsByService(services, ({ settings }) => settings.prefault({}))
      .prefault({})
      .describe('Settings of services, by name: only what differs from their defaults.'),
    inspection,
    lab,
  });
}

export type InventoryShape = z.infer<ReturnType<typeof inventorySchema>>;
export type MachineShape = InventoryShape['machines'][string];
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

const platform = z
  .strictObject({
    distribution: z.enum(['debian']).describe('Distribution of the hosts.'),
    release: z.enum(['bookworm', 'trixie']).describe('Code name of its release.'),
  })
  .describe('What the hosts run.');

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
    .regex(/^([A-Za-z0-9_.-]+@)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$/, 'must be [user@]host[:port]')
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

const roleList = z
  .array(z.enum(roles))
  .min(1)
  .describe('What it is for: control (APIs), database, messaging, proxy (what users reach).');

const placement = <Services extends z.ZodType>(machineServices: Services) => ({
  ssh: ssh.optional().describe('How this one is reached, where it differs.'),
  platform: platform.optional().describe('What this one runs, where it differs.'),
  interfaces: z
    .strictObject({
      management: interfaceName.optional().describe('Interface in the management network.'),
      ...perNetwork(interfaceName),
    })
    .optional()
    .describe('Names of network interfaces, where they differ.'),
  services: machineServices.optional().describe('Settings of services, where they differ here.'),
});

const network = z
  .strictObject({
    cidr: cidr.describe('The network with its prefix, such as 10.0.0.0/24.'),
    interface: interfaceName.describe('The interface that hosts have in it.'),
  })
  .describe('A network that the hosts share.');

const vips = z
  .record(
    hostName,
    z.strictObject({
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
      hostname: domainName
        .optional()
        .describe('The name that clients use for it; goes into its certificate.'),
      tls: z.boolean().default(false).describe('Whether clients speak TLS with it.'),
    }),
  )
  .describe('Virtual IP addresses, by name.');

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
      .record(hostName, address.describe('Its address in the management network.'))
      .default({})
      .describe(
        'Who is in the management network and belongs to nobody’s cloud, by name: a network namespace, ' +
          'LAB.NAME, from which programs of this machine attack the hosts.',
      ),
  })
  .optional()
  .describe('With this section the inventory can be brought up as a lab on one machine.');

const general = {
  format: z.literal(1).describe('Format of this file.'),
  cloud: hostName.describe('Name of the cloud: hosts remember it and refuse another one.'),
  region: word.default('RegionOne').describe('Name of the OpenStack region.'),
  platform,
  ssh: ssh.prefault({}),
  secrets: path
    .optional()
    .describe('Passwords, keys and cookies, made by `mcp secrets init`; by default INVENTORY.secrets.yaml.'),
  certificates: path
    .optional()
    .describe(
      'Folder of the authority and the VIPs’ certificates, made by `mcp certs init`; by default INVENTORY.certs.',
    ),
  overrides: path
    .default('overrides')
    .describe(
      'Folder of what is different in rendered files. Below all/, role/ROLE/ or host/NAME/: ' +
        'etc/…/FILE.merge adds keys to an INI or cnf file, etc/…/FILE.append adds text below any file, ' +
        'templates/SERVICE/FILE.hbs replaces a template, FILE.py and FILE.sh a program.',
    ),
  networks: z
    .strictObject({
      management: network.describe('For ssh, and for everything whose own network is not given.'),
      ...perNetwork(network),
    })
    .describe('The networks of the cloud.'),
};
