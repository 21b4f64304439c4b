import { createHash } from 'node:crypto';
import type { Check, Finding } from '../../model/check.ts';
import type { Listener } from '../../model/listener.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import {
  type NginxInstance,
  proxyListeners,
  proxyVips,
  publishedListeners,
  serviceName,
  unit,
} from './names.ts';
import { frontReply, type SeenPage } from './replies.ts';
import { judgeServing } from './serves.ts';

type Instances = readonly NginxInstance[];

export const checksFor = (instances: Instances, topology: Topology): readonly Check[] => [
  {
    name: 'nginx.running',
    service: serviceName,
    title: 'every proxy runs',
    judge: (observed) => instances.flatMap(({ host }) => judgeRunning(host.name, observed)),
  },
  {
    name: 'nginx.servers',
    service: serviceName,
    title: 'every proxy reaches every server behind it',
    judge: (observed) => instances.flatMap(({ host }) => judgeServers(host.name, { topology, observed })),
  },
  {
    name: 'nginx.serves',
    service: serviceName,
    title: 'every proxy serves what the others do, whether or not it holds the VIP',
    judge: (observed) => judgeServing(instances, topology, observed),
  },
  {
    name: 'nginx.front',
    service: serviceName,
    title: 'clients get their pages through the VIP, with the certificate as deployed',
    judge: (observed) =>
      proxyVips(topology).flatMap((vip) => judgeVip(vip, instances, { topology, observed })),
  },
];

const red = (hosts: readonly string[], message: string, hint: string): Finding => ({
  severity: 'red',
  hosts,
  message,
  hint,
});

function judgeRunning(host: string, observed: ObservedState): readonly Finding[] {
  const now = reachable(observed, host);
  const state = now?.units.get(unit)?.activeState ?? 'not set up';
  if (now && state === 'active') return [];
  const message = now ? `Nginx is ${state}` : 'Nginx could not be asked';
  return [red([host], message, 'Look at journalctl -u nginx there.')];
}

function judgeServers(host: string, { topology, observed }: Seen): readonly Finding[] {
  const reply = frontReply(observed, host);
  if (!reply)
    return [red([host], 'the proxy did not say what it reaches', 'Run mcp deploy, or mcp status again.')];
  return reply.servers
    .filter(({ reached }) => !reached)
    .map((server) => ({
      ...red(
        [server.host],
        `${host} does not reach ${server.listener} on ${server.host}`,
        `Look at the ${server.listener} service there, and at the firewall.`,
      ),
      ...behind(proxyListeners(topology).find(({ name }) => name === server.listener)),
    }));
}

/** The service whose fault it is when a listener has no server. */
const behind = (listener: Listener | undefined): Pick<Finding, 'service'> =>
  listener === undefined ? {} : { service: listener.service };

interface Seen {
  readonly topology: Topology;
  readonly observed: ObservedState;
}

function judgeVip(vip: ResolvedVip, instances: Instances, { topology, observed }: Seen): readonly Finding[] {
  return [...proxyListeners(topology), ...publishedListeners(topology)].flatMap((listener) => {
    const { name, check } = listener;
    const pages = clientsOf(vip, instances, observed).flatMap(
      (host) =>
        frontReply(observed, host)?.pages.filter((page) => page.vip === vip.name && page.listener === name) ??
        [],
    );
    const answered = pages.find(({ status }) => status === check.expect);
    if (!answered) {
      const said = pages[0]?.status ?? 'nothing';
      return [
        {
          ...red(
            [],
            `${name} answers ${said} through ${vip.name} (${vip.address})`,
            'See who holds the VIP, and the error log of Nginx there.',
          ),
          ...behind(listener),
        },
      ];
    }
    // The certificate is the same on all ports; it is looked at on the proxies' own.
    return listener.role === 'proxy' ? judgeCertificate(vip, answered, topology) : [];
  });
}

/** Who asked as a client does, over the network: the proxies that do not hold the VIP, or all where there is one. */
function clientsOf(vip: ResolvedVip, instances: Instances, observed: ObservedState): readonly string[] {
  const names = instances.map(({ host }) => host.name);
  const outside = names.filter((name) => !reachable(observed, name)?.addresses.includes(vip.address));
  const asked = outside.filter((name) => frontReply(observed, name) !== undefined);
  return asked.length > 0 ? asked : names;
}

function judgeCertificate(
  vip: ResolvedVip,
  { fingerprint }: SeenPage,
  { certificates }: Topology,
): readonly Finding[] {
  const wanted = certificates.vips[vip.name]?.certificate;
  if (!vip.tls || wanted === undefined || fingerprint === fingerprintOf(wanted)) return [];
  return [red([], `${vip.name} is served with another certificate than deployed`, 'Run mcp deploy.')];
}

/** As openssl prints it: of the first certificate in the text, which is the server's own. */
function fingerprintOf(pem: string): string {
  const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(pem)?.[1] ?? '';
  const digest = createHash('sha256').update(Buffer.from(body, 'base64')).digest('hex').toUpperCase();
  return digest.match(/../g)?.join(':') ?? '';
}
