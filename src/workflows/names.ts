import { loadInventory } from '../inventory/index.ts';
import { calledOwner, ownerInWords } from '../model/certificate.ts';
import { services } from '../services/index.ts';
import { faultsOf } from './faults.ts';
import { type LoadedTopology, loadTopology } from './load.ts';
import { rotatable } from './secrets.ts';

/** What an inventory has names for, and what each is called with a word about it. */
export type NameKind = 'host' | 'machine-or-host' | 'certificate' | 'fault' | 'secret';
export interface Named {
  readonly name: string;
  readonly about: string;
}

/** Names for completion. Hosts are known of a broken inventory too, as far as it can be read; the rest is not. */
export async function namesIn(inventory: string, kind: NameKind): Promise<readonly Named[]> {
  if (kind === 'fault' || kind === 'secret' || kind === 'certificate') {
    return derived[kind](await loadTopology(inventory, lenient));
  }
  const { inventory: found } = await loadInventory(inventory, services, lenient);
  if (!found) return [];
  const hosts = found.machines.flatMap(({ nodes }) =>
    nodes.map(({ name, roles }) => ({ name, about: roles.join(', ') })),
  );
  const carriers = found.machines.filter(({ carriesNodes }) => carriesNodes);
  const machines = carriers.map(({ name, nodes }) => ({
    name,
    about: `carries ${nodes.map((node) => node.name).join(', ')}`,
  }));
  return kind === 'host' ? hosts : [...hosts, ...machines];
}

/** What is missing beside an inventory is no reason to know nothing. */
const lenient = { needs: 'topology' } as const;

const derived = {
  fault: ({ topology }: LoadedTopology) =>
    faultsOf(topology).map(({ name, title }) => ({ name, about: title })),
  certificate: ({ loaded: { certificateOwners: owners } }: LoadedTopology) =>
    owners.map((owner) => ({ name: calledOwner(owner, owners), about: ownerInWords(owner) })),
  secret: (loaded: LoadedTopology) => rotatable(loaded).map((name) => ({ name, about: '' })),
};
