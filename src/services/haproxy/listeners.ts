import { inUrl } from '../../model/address.ts';
import type { Host } from '../../model/host.ts';
import type { Listener } from '../../model/listener.ts';
import { insideAddress, type ResolvedVip, type Topology } from '../../model/topology.ts';
import type { Balancer } from './balancers.ts';

export const certificatesDirectory = '/etc/haproxy/ssl';
export const certificateOf = ({ name }: Pick<ResolvedVip, 'name'>): string =>
  `${certificatesDirectory}/${name}.pem`;

/** The VIPs that a balancer serves. */
export const vipsOf = ({ role }: Balancer, { vips }: Topology): readonly ResolvedVip[] =>
  vips.filter((vip) => vip.role === role);

/** What the template of a balancer says of its listeners. A listener without a VIP has nowhere to be. */
export function listenerValues(balancer: Balancer, topology: Topology) {
  const vips = vipsOf(balancer, topology);
  if (vips.length === 0) return [];
  return topology.listeners
    .filter(({ role }) => role === balancer.role)
    .map((listener) => {
      const asked = questionOf(listener, topology);
      const tls = listener.kind === 'http' && vips.every((vip) => vip.tls);
      return {
        name: listener.name,
        binds: vips.flatMap((vip) => bindsOf(vip, listener)),
        tls,
        scheme: tls ? 'https' : 'http',
        proxies: addressesOf(proxiesOf(topology), vips),
        single: listener.kind === 'single-writer',
        check: { path: quoteWord(asked.path), expect: asked.expect },
        servers: listener.servers.map(({ host, address, port, slots }, index) => ({
          name: host,
          address: `${inUrl(address)}:${port}`,
          checkPort: asked.port ?? port,
          slots,
          backup: listener.kind === 'single-writer' && index > 0,
        })),
      };
    });
}

interface Question {
  /** Undefined: the server's own port. */
  readonly port: number | undefined;
  readonly path: string;
  readonly expect: number;
}

/** What is asked of a server, and where: itself, or the checker beside it that looks deeper. */
function questionOf({ name, check }: Listener, { checker }: Topology): Question {
  if (check.kind === 'direct') return check;
  const { path, expect } = check;
  return checker === undefined
    ? { port: undefined, path, expect }
    : { port: checker.port, path: `/${name}`, expect: 200 };
}

/** On the VIP, and where the host itself finds out whether clients would be served. */
function bindsOf(vip: ResolvedVip, { kind, port }: Listener): readonly string[] {
  const outside = `${inUrl(vip.address)}:${port}`;
  if (kind !== 'http') return [outside];
  const tls = vip.tls ? ` ssl crt ${certificateOf(vip)} alpn h2,http/1.1` : '';
  return [outside, `${insideAddress(vip)}:${port}`].map((address) => `${address}${tls}`);
}

const proxiesOf = ({ hosts }: Topology): readonly Host[] =>
  hosts.filter(({ roles }) => roles.includes('proxy'));

const addressesOf = (hosts: readonly Host[], vips: readonly ResolvedVip[]): readonly string[] => [
  ...new Set(hosts.flatMap(({ addresses }) => vips.map(({ network }) => addresses[network]))),
];

/** A word of HAProxy's configuration: nothing in it is special between single quotes. */
const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./?&-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
