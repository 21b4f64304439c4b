import { inUrl } from '../../model/address.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import type { HostCertificate } from '../../resources/index.ts';
import {
  clientAddress,
  encryptedCopy,
  encryptedCopyProgram,
  groupPort,
  incrementalPort,
  plainCopy,
  replicationAddress,
} from './layout.ts';
import type { GaleraSettings } from './settings.ts';
import { timersFor } from './timers.ts';

/** What the server's file says on this host; without a certificate the server speaks no TLS. */
export function serverValues(
  { host, members, settings }: Instance<GaleraSettings>,
  topology: Topology,
  certificate: HostCertificate | undefined,
) {
  const { maxConnections, bufferPoolSize, applierThreads } = settings;
  return {
    address: clientAddress(host),
    maxConnections,
    tableCache,
    tableCaches,
    openFiles: openFilesFor(maxConnections),
    bufferPoolSize,
    applierThreads,
    provider: host.platform.mariadb.galeraLibrary,
    newerDefaults: host.platform.mariadb.newerDefaults,
    clusterName: topology.cloud,
    memberAddresses: members.map((member) => inUrl(replicationAddress(member))),
    nodeName: host.name,
    replicationAddress: inUrl(replicationAddress(host)),
    donors: donorsFor(
      host.name,
      members.map(({ name }) => name),
    ),
    copyMethod: settings.tls === true ? encryptedCopy : plainCopy,
    tls: certificate !== undefined && {
      authority: certificate.authority,
      certificate: certificate.certificate,
      key: certificate.key,
      required: settings.tls === true,
      copyProgram: encryptedCopyProgram,
    },
    providerOptions: [
      ...providerOptions(inUrl(replicationAddress(host)), settings),
      ...(certificate === undefined ? [] : encryptionOptions(certificate, settings)),
    ],
  };
}

const tableCache = 2000;
const tableCaches = 3;

/** Files a server needs: one a session, two for each open table, and its own. */
export const openFilesFor = (maxConnections: number): number =>
  maxConnections + 2 * tableCache * tableCaches + 1000;

/** Last in the inventory first: HAProxy prefers the first as the writer, so the last is most likely idle. */
export const donorsFor = (name: string, members: readonly string[]): readonly string[] =>
  members.filter((member) => member !== name).reverse();

function providerOptions(address: string, settings: GaleraSettings): readonly string[] {
  const timers = timersFor(settings.suspectSeconds);
  const options = {
    'gmcast.listen_addr': `tcp://${address}:${groupPort}`,
    'ist.recv_bind': `${address}:${incrementalPort}`,
    'ist.recv_addr': `${address}:${incrementalPort}`,
    'gmcast.peer_timeout': timers.peer,
    'evs.keepalive_period': timers.keepalive,
    'evs.inactive_check_period': timers.inactiveCheck,
    'evs.suspect_timeout': timers.suspect,
    'evs.inactive_timeout': timers.inactive,
    'evs.install_timeout': timers.install,
    'evs.join_retrans_period': timers.joinRetransmit,
    'pc.recovery': 'true',
    'gcache.size': settings.writeSetCacheSize,
    'gcache.recover': 'yes',
    'gcs.fc_limit': '256',
    'gcs.fc_single_primary': 'YES',
  };
  return asOptions(options);
}

const encryptionOptions = (
  { authority, certificate, key }: HostCertificate,
  { tls }: GaleraSettings,
): readonly string[] =>
  asOptions({
    'socket.ssl': 'YES',
    'socket.ssl_key': key,
    'socket.ssl_cert': certificate,
    'socket.ssl_ca': authority,
    ...(tls === 'optional' ? { 'socket.dynamic': 'YES' } : {}),
  });

const asOptions = (options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).map(([name, value]) => `${name}=${value}`);
