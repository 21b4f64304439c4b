import type { Host } from '../../src/model/host.ts';
import type { Inspection } from '../../src/model/inventory.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Topology } from '../../src/model/topology.ts';
import { services } from '../../src/services/index.ts';
import { resolveTopology } from '../../src/topology/index.ts';
import { aTopology, usualVips } from './topology.ts';

interface Wanted {
  /** Whether the VIPs that can have TLS have it. */
  readonly tls?: boolean;
  readonly inspection?: Inspection;
}

/** A topology in which every service runs with its defaults and offers what it offers. */
export function wholeTopology(hosts: readonly Host[], { tls = true, inspection }: Wanted = {}): Topology {
  const vips = usualVips(hosts).map((vip) => ({
    ...vip,
    tls: vip.tls && tls,
    ...(vip.role === 'control' ? { hostname: 'internal.cloud.lab' } : {}),
  }));
  const secrets = new Map(
    services
      .flatMap((service) => service.secrets?.(service.settings.parse({})) ?? [])
      .map(({ name }) => [name, new Secret(`secret-of-${name.replaceAll('.', '-')}`)]),
  );
  const { inventory } = aTopology({ hosts, vips, secrets, ...(inspection ? { inspection } : {}) });
  const [first] = hosts;
  if (!first) throw new Error('no host');
  return resolveTopology(inventory, services, () => first.platform);
}
