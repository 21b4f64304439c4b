import type { Host } from '../../model/host.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import type { PythonProgram } from '../../resources/index.ts';

/** Names and places that the parts of this service share. The listener's name is HAProxy's name for the backend. */
export const backend = 'galera';
export const unit = 'mariadb.service';
/** What stops, and does not start, on a host in maintenance. */
export const restingMember = { service: 'mariadb', units: [unit] } as const;
export const statusProbe = 'galera.status';
export const serverPort = 3306;
export const groupPort = 4567;
export const incrementalPort = 4568;
export const copyPort = 4444;
export const agentPort = 9200;

/** Says whether this member can take writes. */
export const agentProgram: PythonProgram = {
  path: '/usr/lib/mcp/galera-agent',
  template: 'galera/galera-agent',
  modules: ['configuration', 'fitness', 'left', 'member', 'others', 'room', 'server', 'watch'],
};

/** What the server reads of ours; Debian's own files in that folder stay. */
export const serverFile = '/etc/mysql/mariadb.conf.d/99-mcp.cnf';
/** The certificate of the host, its key and the authority, for the server and for copies. */
export const certificatesDirectory = '/etc/mysql/mcp-tls';
/** How members name the program that copies one of them; the encrypted one is ours. */
export const plainCopy = 'mariabackup';
export const encryptedCopy = 'mariabackup_tls';
/** Where the server looks for the program of that name. */
export const encryptedCopyProgram = `/usr/bin/wsrep_sst_${encryptedCopy}`;

export const serverSocket = '/run/mysqld/mysqld.sock';
export const dataDirectory = '/var/lib/mysql';
export const usersFile = '/etc/mysql/mcp-users.sql';
export const loginsFile = '/etc/mysql/mcp-logins.sql';
export const probeFile = '/etc/mysql/mcp-probe.cnf';
/** Its presence takes a member out of the choice of writers until an operator removes it. Survives power cuts. */
export const maintenanceMark = '/var/lib/mcp/maintenance/galera';

/** Clients come through HAProxy, which stands in this network. */
export const clientAddress = (host: Host): string => host.addresses.internal;
/** Where members speak to each other. */
export const replicationAddress = (host: Host): string => host.addresses.replication;

/** The VIP that clients use. */
export const databaseVip = (topology: Pick<Topology, 'vips'>): ResolvedVip | undefined =>
  topology.vips.find(({ role }) => role === 'database');

/** The admin socket of the HAProxy before the members; the same path on each host that has one. */
export const adminSocket = (topology: Pick<Topology, 'fronts'>): string | undefined =>
  topology.fronts.find(({ role }) => role === 'database')?.adminSocket;
