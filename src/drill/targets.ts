import { McpError } from '../model/failure.ts';
import { loginName, type Secret, secretOf } from '../model/secret.ts';
import type { ResolvedVip, Topology } from '../model/topology.ts';

/** What the probes talk to, as clients of this cloud would: addresses from the topology, never names. */
export interface Targets {
  readonly vips: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  readonly page: PageTarget;
  readonly sql: SqlTarget;
  readonly amqp: AmqpTarget;
}

export interface PageTarget {
  readonly address: string;
  readonly port: number;
  /** Sent as SNI and Host, and checked against the certificate. */
  readonly hostname: string;
  /** PEM of the authority that must have signed it; undefined: the system's. */
  readonly authority: string | undefined;
}

export interface SqlTarget {
  /** Name of the VIP it is behind. */
  readonly vip: string;
  readonly address: string;
  /** What the VIP is called; its address where it has no name. */
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  readonly schema: string;
  /** Undefined: it is spoken to without TLS. */
  readonly tls: SqlEncryption | undefined;
  /** Hosts whose own database is read afterwards. */
  readonly members: readonly string[];
}

/** As mysql2 takes it: who has no TLS, or a certificate of another authority, is refused. */
interface SqlEncryption {
  /** PEM of the cloud's own authority. */
  readonly ca: string;
  /** Whether the certificate must name `host` too: mysql2 can compare names, and no addresses. */
  readonly verifyIdentity: boolean;
}

export interface AmqpTarget {
  /** In the order in which a client tries them. */
  readonly nodes: readonly { readonly host: string; readonly address: string; readonly port: number }[];
  /** PEM of the authority that must have signed for each node; undefined: without TLS. */
  readonly authority: string | undefined;
  readonly user: string;
  readonly password: Secret;
  readonly vhost: string;
  /** Where nothing is mirrored, a queue that must outlive a node is a quorum queue. */
  readonly quorumQueue: boolean;
}

/** The account, schema and virtual host that the services keep for drills. */
const account = 'mcp_drill';
const httpsPort = 443;

/** Throws McpError when the inventory has nothing to drill: the probe needs a page, a database and a broker. */
export function targetsOf(topology: Topology): Targets {
  return {
    vips: topology.vips.map((vip) => ({
      name: vip.name,
      address: vip.address,
      port: frontPort(topology, vip),
    })),
    page: pageTarget(topology),
    sql: sqlTarget(topology),
    amqp: amqpTarget(topology),
  };
}

function frontPort({ listeners }: Topology, vip: ResolvedVip): number {
  return listeners.find(({ role }) => role === vip.role)?.port ?? httpsPort;
}

function pageTarget(topology: Topology): PageTarget {
  const vip = topology.vips.find(({ role }) => role === 'proxy');
  if (!vip) throw nothingToProbe('a VIP of the role proxy');
  return {
    address: vip.address,
    port: httpsPort,
    hostname: vip.hostname ?? vip.address,
    authority: topology.certificates.authority,
  };
}

function sqlTarget(topology: Topology): SqlTarget {
  const listener = topology.listeners.find(({ kind }) => kind === 'single-writer');
  const vip = topology.vips.find(({ role }) => role === listener?.role);
  if (!listener || !vip) throw nothingToProbe('a database behind a VIP');
  return {
    vip: vip.name,
    address: vip.address,
    hostname: vip.hostname ?? vip.address,
    port: listener.port,
    user: account,
    password: secretOf(topology.secrets, 'galera.drill'),
    schema: account,
    tls: listener.serversSpeakTls === undefined ? undefined : encryptionFor(vip, topology),
    members: listener.servers.map(({ host }) => host),
  };
}

function encryptionFor({ hostname }: ResolvedVip, { certificates }: Topology): SqlEncryption {
  if (certificates.authority === undefined) {
    throw new McpError(
      'invalid-inventory',
      'the database speaks TLS, and there is no authority to verify it',
      {
        hint: 'run `mcp certs init`',
      },
    );
  }
  return { ca: certificates.authority, verifyIdentity: hostname !== undefined };
}

function amqpTarget(topology: Topology): AmqpTarget {
  const { broker, hosts, certificates } = topology;
  if (broker === undefined || broker.members.length === 0) {
    throw nothingToProbe('a machine with the role messaging');
  }
  const password = secretOf(topology.secrets, 'rabbitmq.drill');
  return {
    nodes: broker.members,
    authority: broker.tls ? certificates.authority : undefined,
    user: loginName(account, password),
    password,
    vhost: account,
    quorumQueue: hosts.some(({ platform }) => platform.rabbitmq.mirroring === 'quorum'),
  };
}

const nothingToProbe = (what: string): McpError =>
  new McpError('invalid-inventory', `a drill needs ${what}, and this inventory has none`, {
    hint: 'drill an inventory with the roles control, database, messaging and proxy',
  });
