import { error } from '../../model/diagnostic.ts';
import { groupedBy, listed, type ResolvedRule, type Rule } from './rule.ts';

/** All VIPs of a role serve the same listeners, which are offered with TLS or without. */
export const mixedEncryption: Rule = ({ inventory: { vips } }) =>
  [...groupedBy(vips, ({ role }) => role).values()].flatMap((ofRole) => {
    const encrypted = ofRole.filter(({ tls }) => tls);
    const plain = ofRole.filter(({ tls }) => !tls);
    if (encrypted.length === 0) return [];
    return plain.map(({ name, role }) =>
      error(
        ['vips', name],
        `${name} speaks no TLS, as ${listed(encrypted.map((vip) => vip.name))} does: what is offered on the VIPs of ${role} is the same on all`,
        'say `tls: true` here too, or nowhere',
      ),
    );
  });

/** A database begins its TLS in the middle of its own protocol, which a load balancer knows nothing of. */
export const encryptedByNobody: ResolvedRule = ({ listeners, vips }) =>
  vips
    .filter(({ tls }) => tls)
    .flatMap(({ name, role }) => {
      const offered = listeners.filter((listener) => listener.role === role);
      const plain = offered.find(({ kind }) => kind !== 'http');
      if (plain === undefined) return [];
      return [
        error(
          ['vips', name, 'tls'],
          `the load balancer can't end the TLS of ${plain.name}, which is the servers' own`,
          `remove it; what ${plain.service} encrypts is said as \`services: { ${plain.service}: { tls: … } }\``,
        ),
      ];
    });

/** The proxies verify the load balancers' certificate by a name: Nginx knows no other way. */
export const unnamedGateway: ResolvedRule = ({ listeners, vips }) => {
  if (!listeners.some(({ role, reach }) => role === 'control' && reach === 'world')) return [];
  return vips
    .filter(({ role, tls, hostname }) => role === 'control' && tls && hostname === undefined)
    .map(({ name }) =>
      error(
        ['vips', name],
        `${name} speaks TLS and has no hostname by which the proxies could verify it`,
        'give it one, for example `hostname: internal.cloud.example.org`, and run `mcp certs init`',
      ),
    );
};
