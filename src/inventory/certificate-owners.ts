import { type CertificateOwner, calledOwner, ownerId, ownerInWords } from '../model/certificate.ts';
import type { InventoryPath } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Machine, Vip } from '../model/inventory.ts';
import type { CertifiedTopology, Service } from '../model/service.ts';
import { type Instance, instancesOf } from '../model/topology.ts';

/** An owner, and where the inventory says who that is. */
export interface PlacedOwner extends CertificateOwner {
  readonly path: InventoryPath;
}

/** Everybody who needs a certificate: VIPs that speak TLS, and hosts with a service that does. */
export const certificateOwners = (
  topology: CertifiedTopology,
  services: readonly Service[],
): readonly PlacedOwner[] => [...vipOwners(topology.inventory.vips), ...hostOwners(topology, services)];

export const vipOwners = (vips: readonly Vip[]): readonly PlacedOwner[] =>
  vips
    .filter(({ tls }) => tls)
    .map((vip) => ({
      kind: 'vip',
      name: vip.name,
      names: namesOfVip(vip),
      // Whoever verifies it goes by its name where it has one: authorities of companies and of the public sign no addresses.
      needed: namesOfVip(vip).slice(0, 1),
      services: [],
      path: ['vips', vip.name, 'tls'],
    }));

/**
 * The one that an operator means by its name, or by what its files are called where that leaves a doubt. Throws McpError
 * `invalid-arguments` where there is none, or more than one.
 */
export function ownerCalled(name: string, owners: readonly CertificateOwner[]): CertificateOwner {
  const meant = owners.filter((owner) => owner.name === name || ownerId(owner) === name);
  const [only, ...others] = meant;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new McpError('invalid-arguments', `${name} may be ${meant.map(ownerInWords).join(' or ')}`, {
      hint: `name ${meant.map(ownerId).join(' or ')}`,
    });
  }
  throw new McpError(
    'invalid-arguments',
    `there is no VIP ${name} with \`tls: true\`, nor a host ${name} with a service that speaks TLS`,
    {
      hint:
        owners.length === 0
          ? 'nothing in this inventory needs a certificate'
          : `name one of ${owners.map((owner) => calledOwner(owner, owners)).join(', ')}`,
    },
  );
}

function hostOwners(topology: CertifiedTopology, services: readonly Service[]): readonly PlacedOwner[] {
  const speaking = services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    const own = instances.filter(({ settings }) => service.speaksTls?.(settings) === true);
    if (own.length === 0) return [];
    return [{ service, own, shared: sharedNames(service, instances, topology) }];
  });
  return topology.hosts.flatMap((host): readonly PlacedOwner[] => {
    const here = speaking.filter(({ own }) => own.some((instance) => instance.host.name === host.name));
    if (here.length === 0) return [];
    const all = [host.name, ...addressesOf(host), ...here.flatMap(({ shared }) => shared)];
    const names = [...new Set(all)];
    return [
      {
        kind: 'host',
        name: host.name,
        names,
        // Members and their clients go by addresses.
        needed: names,
        services: here.map(({ service }) => service.name),
        isVerifiedStrictly: topology.hosts.some(({ platform }) => platform.python.verifiesStrictly),
        path: pathOf(host.name, topology.inventory.machines),
      },
    ];
  });
}

/** By which clients reach whichever member serves them: the VIPs before it, and what the service says itself. */
function sharedNames(
  service: Service,
  instances: readonly Instance[],
  topology: CertifiedTopology,
): readonly string[] {
  const roles = topology.listeners.filter((each) => each.service === service.name).map(({ role }) => role);
  return [
    ...topology.vips.filter(({ role }) => roles.includes(role)).flatMap(namesOfVip),
    ...(service.certificateNames?.(instances, topology) ?? []),
  ];
}

/** The name first, by which people know it. */
const namesOfVip = ({ address, hostname }: Pick<Vip, 'address' | 'hostname'>): readonly string[] =>
  hostname === undefined ? [address] : [hostname, address];

/** In every network that it is in. */
const addressesOf = ({ addresses }: Host): readonly string[] => [...new Set(Object.values(addresses))];

function pathOf(host: string, machines: readonly Machine[]): InventoryPath {
  const machine = machines.find(({ nodes }) => nodes.some(({ name }) => name === host));
  const carrier = ['machines', machine?.name ?? host];
  return machine?.carriesNodes === true ? [...carrier, 'nodes', host] : carrier;
}
