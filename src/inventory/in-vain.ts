import { type Diagnostic, error, type InventoryPath } from '../model/diagnostic.ts';
import type { Doubts } from '../model/doubts.ts';
import { type NetworkName, type Node, networkNames } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import type { Described, RawServices } from './assemble.ts';
import type { InventoryShape } from './schema.ts';

interface Written {
  readonly shape: InventoryShape;
  readonly rawServices: RawServices;
  readonly services: readonly Service[];
  readonly doubts: Doubts;
}

/** What is said of a machine or node and could have no effect there: somebody expects one. */
export const describedInVain = (described: Described, written: Written): readonly Diagnostic[] =>
  placesIn(described, written.shape).flatMap((place) => [
    ...settingsOfNobody(place, written),
    ...interfacesOfNoNetwork(place, described),
    ...interfaceOfNoCopy(place, described),
  ]);

/** A machine or a node as it is written, with the hosts that it speaks of. */
interface Place {
  readonly path: InventoryPath;
  readonly names: readonly [machine: string, node?: string];
  readonly interfaces: Readonly<Partial<Record<NetworkName | 'inspection', string | undefined>>>;
  readonly nodes: readonly Node[];
}

const placesIn = ({ machines }: Described, shape: InventoryShape): readonly Place[] =>
  machines.flatMap(({ name, nodes, carriesNodes }) => {
    const written = shape.machines[name];
    const path = ['machines', name];
    const itself: Place = { path, names: [name], interfaces: written?.interfaces ?? {}, nodes };
    if (!carriesNodes) return [itself];
    const carried = nodes.map(
      (node): Place => ({
        path: [...path, 'nodes', node.name],
        names: [name, node.name],
        interfaces: written?.nodes?.[node.name]?.interfaces ?? {},
        nodes: [node],
      }),
    );
    return [itself, ...carried];
  });

function settingsOfNobody(
  { path, names, nodes }: Place,
  { rawServices, services, doubts }: Written,
): readonly Diagnostic[] {
  if (doubts.roles) return [];
  const runs = ({ roles }: Service) =>
    roles === 'all' || nodes.some((node) => node.roles.some((role) => roles.includes(role)));
  return services
    .filter((service) => isSaid(rawServices(...names)[service.name]) && !runs(service))
    .map(({ name, title, roles }) =>
      error(
        [...path, 'services', name],
        `${title} does not run there: it runs where the role ${roles === 'all' ? '' : roles.join(' or ')} is`,
        'remove it, or say it where the service runs',
      ),
    );
}

const isSaid = (settings: unknown): boolean =>
  typeof settings === 'object' && settings !== null && Object.keys(settings).length > 0;

const interfacesOfNoNetwork = (
  { path, interfaces, nodes }: Place,
  { networks }: Described,
): readonly Diagnostic[] =>
  networkNames
    .filter((network) => interfaces[network] !== undefined && network !== 'management')
    .flatMap((network) => {
      const place = [...path, 'interfaces', network];
      if (networks[network] === undefined) {
        const hint = `add networks.${network}, or remove the interface`;
        return [error(place, `the network ${network} is not described`, hint)];
      }
      if (nodes.some(({ addresses }) => addresses[network] !== undefined)) return [];
      const hint = `add ${network}: ADDRESS to its addresses, or remove the interface`;
      return [error(place, `nothing there has an address in the ${network} network`, hint)];
    });

const interfaceOfNoCopy = ({ path, interfaces }: Place, { inspection }: Described): readonly Diagnostic[] =>
  interfaces.inspection === undefined || inspection !== undefined
    ? []
    : [
        error(
          [...path, 'interfaces', 'inspection'],
          'nothing is copied for inspection',
          'add `inspection: { address: … }`, or remove the interface',
        ),
      ];
