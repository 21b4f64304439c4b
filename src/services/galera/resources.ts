import { inUrl } from '../../model/address.ts';
import type { Resource } from '../../model/resource.ts';
import { secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import {
  configFile,
  directory,
  type HostCertificate,
  hostCertificate,
  installedPackages,
  programPaths,
  programResources,
  restDropIns,
  runningUnit,
  task,
} from '../../resources/index.ts';
import {
  agentPort,
  agentProgram,
  certificatesDirectory,
  clientAddress,
  dataDirectory,
  encryptedCopyProgram,
  loginsFile,
  probeFile,
  restingMember,
  serverFile,
  serverSocket,
  unit,
  usersFile,
} from './layout.ts';
import { openFilesFor, serverValues } from './server-values.ts';
import type { GaleraSettings } from './settings.ts';
import sqlText from './sql.sh';
import takeCertificateUpText from './take-certificate-up.sh';
import { timersFor } from './timers.ts';

const dropIn = '/etc/systemd/system/mariadb.service.d/mcp.conf';
const agentConfig = '/etc/mcp/galera-agent.json';
const agentUser = '/etc/sysusers.d/mcp-galera-agent.conf';
const agentService = 'mcp-galera-agent.service';
const agentSocket = 'mcp-galera-agent.socket';

/** What a member consists of: the server, its health agent and, on the first one, the accounts of the cluster. */
export function galeraResources(
  instance: Instance<GaleraSettings>,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const certificate = certificateOf(instance, topology, render);
  return [
    ...installedPackages(
      'mariadb-server',
      'mariadb-backup',
      'galera-4',
      'socat',
      'python3',
      'python3-pymysql',
    ),
    ...(certificate === undefined ? [] : encryptionResources(certificate, render)),
    ...serverResources(instance, { topology, certificate }, render),
    ...agentResources(instance, render),
    ...accountResources(instance, { topology, certificate }, render),
  ];
}

/** The certificate that the server shows to clients and members; undefined where it speaks no TLS. */
const certificateOf = (
  { host, settings }: Instance<GaleraSettings>,
  topology: Topology,
  render: Render,
): HostCertificate | undefined =>
  settings.tls === false
    ? undefined
    : hostCertificate(
        { host: host.name, directory: certificatesDirectory, group: 'mysql', key: 'beside' },
        topology,
        render,
      );

/** A new certificate is taken up by a server that runs, and costs nobody a connection. */
function encryptionResources({ files }: HostCertificate, render: Render): readonly Resource[] {
  return [
    directory({ path: certificatesDirectory }),
    ...files,
    configFile({
      path: encryptedCopyProgram,
      mode: '0755',
      template: 'galera/wsrep_sst_mariabackup_tls.sh',
      content: render('galera/wsrep_sst_mariabackup_tls.sh', {}),
    }),
    task({
      name: 'galera-certificate',
      title: "have the database show the host's certificate as it is now",
      script: takeCertificateUp,
      readsFiles: files.map(({ path }) => path),
      when: 'after-units',
    }),
  ];
}

interface Cloud {
  readonly topology: Topology;
  readonly certificate: HostCertificate | undefined;
}

function serverResources(
  instance: Instance<GaleraSettings>,
  { topology, certificate }: Cloud,
  render: Render,
): readonly Resource[] {
  const { maxConnections, suspectSeconds } = instance.settings;
  const { restartSeconds } = timersFor(suspectSeconds);
  return [
    directory({ path: '/etc/systemd/system/mariadb.service.d' }),
    configFile({
      path: serverFile,
      template: 'galera/99-mcp.cnf.hbs',
      content: render('galera/99-mcp.cnf.hbs', serverValues(instance, topology, certificate)),
      readAtStart: /^wsrep_(cluster_address|sst_donor) = /,
      // Clients that come with TLS, and those that come without.
      offers: /^(ssl_cert|require_secure_transport = OFF)\b/,
    }),
    configFile({
      path: dropIn,
      template: 'galera/mariadb-dropin.conf.hbs',
      content: render('galera/mariadb-dropin.conf.hbs', {
        openFiles: openFilesFor(maxConnections),
        suspectSeconds,
        restartSeconds,
      }),
    }),
    ...restDropIns(restingMember, render),
    runningUnit(unit, { restartOn: [serverFile, dropIn] }),
  ];
}

function agentResources(
  { host, members, settings }: Instance<GaleraSettings>,
  render: Render,
): readonly Resource[] {
  const file = (path: string, template: string, values: object = {}) =>
    configFile({ path, template, content: render(template, values) });
  const socketFile = `/etc/systemd/system/${agentSocket}`;
  const serviceFile = `/etc/systemd/system/${agentService}`;
  return [
    directory({ path: '/usr/lib/mcp' }),
    directory({ path: '/var/lib/mcp/maintenance' }),
    directory({ path: '/etc/mcp' }),
    ...programResources(agentProgram, render),
    configFile({
      path: agentConfig,
      comment: 'none',
      template: 'galera/galera-agent.json.hbs',
      content: render('galera/galera-agent.json.hbs', {
        data: dataDirectory,
        leastBytes: settings.leastFreeMegabytes * 1024 ** 2,
        others: members
          .filter(({ name }) => name !== host.name)
          .map((member) => `http://${inUrl(clientAddress(member))}:${agentPort}/fit`),
      }),
    }),
    file(agentUser, 'galera/sysusers.conf.hbs'),
    file(serviceFile, `galera/${agentService}.hbs`, { program: agentProgram.path, config: agentConfig }),
    file(socketFile, `galera/${agentSocket}.hbs`, { addressInUrl: inUrl(clientAddress(host)) }),
    task({
      name: 'galera-agent-user',
      title: 'make the system user of the health agent',
      script: `systemd-sysusers ${agentUser}`,
      readsFiles: [agentUser],
      when: 'before-units',
    }),
    runningUnit(agentSocket, { restartOn: [socketFile] }),
    runningUnit(agentService, { restartOn: [...programPaths(agentProgram), agentConfig, serviceFile] }),
  ];
}

function accountResources(
  { host, members, settings }: Instance<GaleraSettings>,
  { topology, certificate }: Cloud,
  render: Render,
): readonly Resource[] {
  const probePassword = secretOf(topology.secrets, 'galera.probe');
  const probe = configFile({
    path: probeFile,
    mode: '0600',
    template: 'galera/probe.cnf.hbs',
    content: render('galera/probe.cnf.hbs', {
      password: probePassword,
      tls: certificate !== undefined && {
        authority: certificate.authority,
        required: settings.tls === true,
      },
    }),
  });
  if (host.name !== members[0]?.name) return [probe];
  const clients = clientPattern(topology);
  const logins = loginsOf(topology);
  const file = (path: string, template: string, values: object) =>
    configFile({ path, mode: '0600', template, content: render(template, values) });
  return [
    probe,
    file(usersFile, 'galera/users.sql.hbs', { clients, logins }),
    task({
      name: 'galera-accounts',
      title: 'make the accounts of the database cluster',
      script: createAccounts,
      readsFiles: [usersFile],
      when: 'after-units',
      admits: true,
    }),
    file(loginsFile, 'galera/logins.sql.hbs', { clients, logins }),
    task({
      name: 'galera-logins',
      title: 'let the accounts of the database have one password each',
      script: runSql(loginsFile),
      readsFiles: [loginsFile],
      when: 'at-last',
    }),
  ];
}

/** Each login with what it may do; our own first. */
const loginsOf = ({ secrets, databases }: Topology) => [
  {
    user: 'mcp_probe',
    password: secretOf(secrets, 'galera.probe'),
    purpose:
      'Asks through the VIP which member answers, and which sessions are in the middle of a transaction: none of these is ended when the VIP moves.',
    schemas: [],
    characterSet: false,
    mayAskAll: true,
    sessions: 20,
  },
  {
    user: 'mcp_drill',
    password: secretOf(secrets, 'galera.drill'),
    purpose: 'Writes numbered rows while a failover drill breaks things. Its own schema, nothing else.',
    schemas: ['mcp_drill'],
    characterSet: false,
    mayAskAll: false,
    sessions: false,
  },
  ...databases.map(({ user, secret, schemas }) => ({
    user,
    password: secretOf(secrets, secret),
    purpose: `What ${user} keeps: its own schemas and nothing else.`,
    schemas,
    characterSet: 'utf8mb3',
    mayAskAll: false,
    sessions: false,
  })),
];

/** Statements of a file, through the member on this host. */
const runSql = (file: string): string =>
  `timeout 60 mariadb --no-defaults --socket=${serverSocket} < ${file}`;

const takeCertificateUp = programWith(sqlText + takeCertificateUpText, { values: { socket: serverSocket } });

/** Creates or corrects the accounts. */
export const createAccounts = runSql(usersFile);

/** Who may log in: the network that HAProxy stands in, as MariaDB writes a network. IPv6 has no such form there. */
function clientPattern({ inventory }: Topology): string {
  const { cidr } = inventory.networks.internal ?? inventory.networks.management;
  const [network = '', bits = ''] = cidr.split('/');
  return network.includes(':') ? '%' : `${network}/${maskOf(Number(bits))}`;
}

const maskOf = (bits: number): string =>
  [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - from)))).join('.');
