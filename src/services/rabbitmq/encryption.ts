import { foundContent, type ObservedState, reachable } from '../../model/observed.ts';
import type { ContentOf, Obstacle } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { carrierFolder, clientAddress, files, ports, type RabbitmqInstance, unit } from './names.ts';
import type { RabbitmqSettings } from './settings.ts';

/** Whether a client without TLS is let in, and one with it. */
export const takesPlain = ({ tls }: RabbitmqSettings): boolean => tls !== true;
export const takesTls = ({ tls }: RabbitmqSettings): boolean => tls !== false;

/** With forward secrecy and authenticated, as on the VIPs: those of TLS 1.3, and of 1.2. */
export const ciphers13 = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
] as const;
export const ciphers12 = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

/** Where clients come in. */
export const clientPorts = (settings: RabbitmqSettings): readonly number[] => [
  ...(takesPlain(settings) ? [ports.amqp] : []),
  ...(takesTls(settings) ? [ports.amqps] : []),
];

/**
 * Options of Erlang by which members, and whoever talks to one with Erlang's own means (rabbitmqctl), reach each other;
 * undefined: without TLS, as Erlang does by itself.
 */
export function carriageOptions({ tls }: RabbitmqSettings): string | undefined {
  switch (tls) {
    case false:
      return undefined;
    case 'optional':
      return `-pa ${carrierFolder} ${bothCarried} -ssl_dist_optfile ${files.distributionTls}`;
    case true:
      return `${tlsCarried} -ssl_dist_optfile ${files.distributionTls}`;
  }
}

const bothCarried = '-proto_dist mcp_mixed';
const tlsCarried = '-proto_dist inet_tls';

/**
 * Kombu, with which the services of OpenStack speak AMQP, verifies every member that it tries by the address of the first
 * one that its URL names.
 */
export const namesForClients = (instances: readonly RabbitmqInstance[]): readonly string[] =>
  instances.map(({ host }) => clientAddress(host));

/** A member that speaks only TLS and one that does not speak it would be two clusters, for as long as the change takes. */
export function obstaclesOf(
  instances: readonly RabbitmqInstance[],
  _topology: Topology,
  observed: ObservedState,
  contentOf: ContentOf,
): readonly Obstacle[] {
  const members = instances.map(({ host: { name } }): Member => {
    const wanted = contentOf(name, files.environment);
    // Of a member that no run has ever started there may be the package's own file, and nobody who speaks as it says.
    const hasMember = reachable(observed, name)?.records.has(unit) === true;
    const found = hasMember
      ? foundContent(observed, { host: name, path: files.environment }, wanted)
      : undefined;
    return { name, found: carriedBy(found), wanted: carriedBy(wanted) };
  });
  const hasMembers = members.some(({ found }) => found !== undefined);
  const kinds = new Set(members.flatMap(({ found, wanted }) => [found, wanted]));
  if (!hasMembers || !kinds.has('plain') || !kinds.has('tls')) return [];
  const changed = members.find(({ found, wanted }) => found !== undefined && found !== wanted) ?? members[0];
  return [
    {
      host: changed?.name ?? '',
      message: `members of RabbitMQ that speak only TLS would meet some that do not speak it: ${members.map(inWords).join(', ')}`,
      hint: 'deploy with `services.rabbitmq.tls: optional` first, to all members, and then again',
    },
  ];
}

interface Member {
  readonly name: string;
  readonly found: Carried | undefined;
  readonly wanted: Carried | undefined;
}

type Carried = 'plain' | 'both' | 'tls';

function carriedBy(environment: string | undefined): Carried | undefined {
  if (environment === undefined) return undefined;
  if (environment.includes(bothCarried)) return 'both';
  return environment.includes(tlsCarried) ? 'tls' : 'plain';
}

const inWords = ({ name, found, wanted }: Member): string =>
  found === undefined || found === wanted
    ? `${name} ${said(wanted)}`
    : `${name} from ${said(found)} to ${said(wanted)}`;

function said(carried: Carried | undefined): string {
  switch (carried) {
    case 'plain':
      return 'no TLS';
    case 'both':
      return 'both';
    case 'tls':
      return 'TLS';
    case undefined:
      return 'nothing known';
  }
}
