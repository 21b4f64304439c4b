import type { Host } from '../../src/model/host.ts';
import type { Inspection, Inventory } from '../../src/model/inventory.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Topology } from '../../src/model/topology.ts';
import { platformOf } from '../../src/platform/index.ts';
import { services } from '../../src/services/index.ts';
import { resolveTopology } from '../../src/topology/index.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { aTopology, hostNamed, usualVips } from './topology.ts';

interface Wanted {
  /** Whether the VIPs that can have TLS have it. */
  readonly tls?: boolean;
  readonly inspection?: Inspection;
  /** What differs from the services' defaults, by service. */
  readonly settings?: Inventory['services'];
}

/** The topology of an inventory, with secrets and certificates whose values say their names. */
export async function topologyOf(file: string): Promise<Topology> {
  const { loaded } = await loadTopology(file, { needs: 'topology' });
  if (!loaded.inventory) throw new Error(`${file} can't be read`);
  const { inventory } = loaded;
  const machines = inventory.machines.flatMap(({ nodes }) => nodes);
  const { certificates } = aTopology({
    hosts: machines.map(({ name, roles, addresses }) =>
      hostNamed(name, { address: addresses.management, roles }),
    ),
    vips: inventory.vips.map((vip) => ({ ...vip, prefix: 24, candidates: [] })),
  });
  return resolveTopology({ ...inventory, secrets: secretsOfAll(), certificates }, services, platformOf);
}

const secretsOfAll = () =>
  new Map(
    services
      .flatMap((service) => service.secrets?.(service.settings.parse({})) ?? [])
      .map(({ name }) => [name, new Secret(`secret-of-${name.replaceAll('.', '-')}`)]),
  );

/** A topology in which every service runs with its defaults and offers what it offers. */
export function wholeTopology(
  hosts: readonly Host[],
  { tls = true, inspection, settings = {} }: Wanted = {},
): Topology {
  const vips = usualVips(hosts).map((vip) => ({
    ...vip,
    tls: vip.tls && tls,
    ...(vip.role === 'control' ? { hostname: 'internal.cloud.lab' } : {}),
  }));
  const secrets = secretsOfAll();
  const { inventory } = aTopology({ hosts, vips, secrets, ...(inspection ? { inspection } : {}) });
  const [first] = hosts;
  if (!first) throw new Error('no host');
  const differing = services
    .filter(({ name }) => name in settings)
    .map(({ name, settings: schema }) => [name, schema.parse(settings[name])]);
  return resolveTopology(
    { ...inventory, services: Object.fromEntries(differing) },
    services,
    () => first.platform,
  );
}
