import type { Resource } from '../../model/resource.ts';
import { loginName, secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Topology } from '../../model/topology.ts';
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
import { carrierResources, compileCarrier } from './carrier.ts';
import { definitionsFor, formerUsers } from './definitions.ts';
import deleteFormerUsersText from './delete-former-users.sh';
import { carriageOptions, ciphers12, ciphers13, clientPorts, takesPlain, takesTls } from './encryption.ts';
import importDefinitionsText from './import-definitions.sh';
import {
  certificateFolder,
  clientAddress,
  clusterAddress,
  dataFolder,
  epmdSocket,
  files,
  monitorUser,
  nodeName,
  ports,
  type RabbitmqInstance,
  secretNames,
  syncTimer,
  unit,
  watchProgram,
  watchUnit,
} from './names.ts';
import { copiesWanted } from './policies.ts';
import { restingMember } from './rest.ts';
import { drillVhost } from './settings.ts';
import takeCookieUpText from './take-cookie-up.sh';

export function resourcesFor(
  instance: RabbitmqInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const { tls } = instance.settings;
  const certificate = takesTls(instance.settings) ? certificateOf(instance, topology, render) : undefined;
  return [
    ...installedPackages('rabbitmq-server'),
    directory({ path: '/etc/mcp' }),
    directory({ path: `/etc/systemd/system/${unit}.d` }),
    directory({ path: `/etc/systemd/system/${epmdSocket}.d` }),
    ...(certificate === undefined ? [] : tlsFiles(certificate, render)),
    ...(tls === 'optional' ? carrierResources(render) : []),
    ...clusterFiles(instance, { topology, certificate }, render),
    ...accountFiles(instance, topology, render),
    ...unitFiles(instance, render),
    takeCookieUp,
    importDefinitions,
    ...formerUserResources(instance, topology, render),
    learnNames(instance),
    ...copyKeeper(instance, render),
    ...brokerWatch(instance, render),
    runningUnit(epmdSocket, { restartOn: [files.epmdDropIn] }),
    runningUnit(unit, {
      restartOn: [
        files.config,
        files.environment,
        files.names,
        files.plugins,
        // Not the certificate: Erlang looks every two minutes whether its file is a newer one.
        ...(certificate === undefined ? [] : [files.distributionTls]),
        ...(tls === 'optional' ? [files.carrier] : []),
        // Members with different cookies don't talk: all that run are told of a new one before the first is restarted.
        files.cookie,
        files.unitDropIn,
      ],
    }),
  ];
}

const certificateOf = ({ host }: RabbitmqInstance, topology: Topology, render: Render): HostCertificate =>
  hostCertificate(
    { host: host.name, directory: certificateFolder, group: 'rabbitmq', key: 'beside' },
    topology,
    render,
  );

const tlsFiles = (certificate: HostCertificate, render: Render): readonly Resource[] => [
  directory({ path: certificateFolder }),
  ...certificate.files,
  configFile({
    path: files.distributionTls,
    comment: '%',
    template: 'rabbitmq/distribution-tls.config.hbs',
    content: render('rabbitmq/distribution-tls.config.hbs', {
      certificate: pathsOf(certificate),
      ciphers: ciphers12,
    }),
  }),
];

const pathsOf = ({ authority, certificate, key }: HostCertificate) => ({ authority, certificate, key });

interface Cluster {
  readonly topology: Topology;
  /** Undefined: it does not speak TLS. */
  readonly certificate: HostCertificate | undefined;
}

function clusterFiles(
  { host, members, settings }: RabbitmqInstance,
  { topology, certificate }: Cluster,
  render: Render,
): readonly Resource[] {
  const named = (template: string, values: object) => ({ template, content: render(template, values) });
  const { mirroring } = host.platform.rabbitmq;
  return [
    configFile({
      path: files.config,
      ...named('rabbitmq/rabbitmq.conf.hbs', {
        cloud: topology.cloud,
        clientAddress: clientAddress(host),
        clusterAddress: clusterAddress(host),
        ports,
        plain: takesPlain(settings),
        certificate: certificate && pathsOf(certificate),
        ciphers: [...ciphers13, ...ciphers12].map((name, index) => ({ position: index + 1, name })),
        members: members.map((member, index) => ({ position: index + 1, node: nodeName(member) })),
        memoryWatermark: settings.memoryWatermark,
        diskFreeMegabytes: settings.diskFreeMegabytes,
        mirroring: mirroring === 'ha-mode',
        copies: copiesWanted,
        definitions: files.definitions,
      }),
      readAtStart: /^cluster_formation\.classic_config\.nodes\./,
      offers: /^listeners\.(?:tcp|ssl)\.\d/,
    }),
    configFile({
      path: files.environment,
      ...named('rabbitmq/rabbitmq-env.conf.hbs', {
        node: nodeName(host),
        longNames: String(host.name.includes('.')),
        config: files.config,
        names: files.names,
        clusterAddress: clusterAddress(host),
        clusterAddressTuple: erlangAddress(clusterAddress(host)),
        carriage: carriageOptions(settings),
      }),
    }),
    configFile({
      path: files.names,
      comment: '%',
      readAtStart: /^\{host, /,
      ...named('rabbitmq/inetrc.hbs', {
        members: members.map((member) => ({
          name: member.name,
          addressTuple: erlangAddress(clusterAddress(member)),
        })),
      }),
    }),
    configFile({ path: files.plugins, comment: '%', ...named('rabbitmq/enabled_plugins.hbs', {}) }),
  ];
}

function accountFiles({ host, settings }: RabbitmqInstance, topology: Topology, render: Render) {
  const named = (template: string, values: object) => ({ template, content: render(template, values) });
  const monitorPassword = secretOf(topology.secrets, secretNames.monitor);
  return [
    configFile({
      path: files.cookie,
      mode: '0400',
      owner: 'rabbitmq',
      group: 'rabbitmq',
      comment: 'none',
      ...named('rabbitmq/erlang.cookie.hbs', { cookie: secretOf(topology.secrets, secretNames.cookie) }),
    }),
    configFile({
      path: files.nextCookie,
      mode: '0640',
      group: 'rabbitmq',
      comment: 'none',
      ...named('rabbitmq/erlang.cookie.hbs', { cookie: secretOf(topology.secrets, secretNames.cookie) }),
    }),
    configFile({
      path: files.definitions,
      mode: '0640',
      group: 'rabbitmq',
      comment: 'none',
      ...named('rabbitmq/definitions.json.hbs', definitionsFor(settings, host.platform, topology)),
    }),
    configFile({
      path: files.monitorLogin,
      mode: '0600',
      ...named('rabbitmq/monitor-login.hbs', {
        user: loginName(monitorUser, monitorPassword),
        password: monitorPassword,
      }),
    }),
  ];
}

function unitFiles({ host, members, settings }: RabbitmqInstance, render: Render): readonly Resource[] {
  const named = (template: string, values: object = {}) => ({ template, content: render(template, values) });
  return [
    configFile({ path: files.admission, mode: '0755', ...named('rabbitmq/rabbitmq-admission.sh') }),
    configFile({
      path: files.unitDropIn,
      readAtStart: /^ExecStartPre=/,
      ...named('rabbitmq/rabbitmq-server.service.conf.hbs', {
        compileCarrier: settings.tls === 'optional' && compileCarrier,
        admission: files.admission,
        folder: dataFolder(host),
        node: nodeName(host),
        others: members.filter(({ name }) => name !== host.name).map(nodeName),
      }),
    }),
    ...restDropIns(restingMember, render),
    configFile({
      path: files.epmdDropIn,
      ...named('rabbitmq/epmd.socket.conf.hbs', { address: clusterAddress(host), port: ports.epmd }),
    }),
  ];
}

/** Where queues have mirrors: RabbitMQ can leave one incomplete for good. */
function copyKeeper({ host, settings }: RabbitmqInstance, render: Render): readonly Resource[] {
  if (host.platform.rabbitmq.mirroring !== 'ha-mode') return [];
  const named = (template: string, values: object = {}) => ({ template, content: render(template, values) });
  return [
    ...installedPackages('python3'),
    configFile({
      path: files.sync,
      mode: '0755',
      ...named('rabbitmq/rabbitmq-sync.py'),
    }),
    configFile({
      path: files.syncConfig,
      comment: 'none',
      ...named('rabbitmq/rabbitmq-sync.json.hbs', {
        address: clientAddress(host),
        port: ports.management,
        node: nodeName(host),
        vhosts: [settings.vhost, drillVhost],
        loginFile: files.monitorLogin,
      }),
    }),
    configFile({
      path: files.syncService,
      ...named('rabbitmq/mcp-rabbitmq-sync.service.hbs', { program: files.sync, config: files.syncConfig }),
    }),
    configFile({ path: files.syncTimer, ...named('rabbitmq/mcp-rabbitmq-sync.timer.hbs') }),
    runningUnit(syncTimer, { restartOn: [files.syncTimer] }),
  ];
}

/** With fewer than three members nobody is left to see two that don't see each other. */
function brokerWatch({ host, members, settings }: RabbitmqInstance, render: Render): readonly Resource[] {
  if (members.length < 3) return [];
  const named = (template: string, values: object) => ({ template, content: render(template, values) });
  return [
    ...installedPackages('python3', 'nftables', 'iproute2'),
    ...programResources(watchProgram, render),
    configFile({
      path: files.watchConfig,
      comment: 'none',
      ...named('rabbitmq/broker-watch.json.hbs', {
        own: clusterAddress(host),
        members: members.map(clusterAddress),
        port: ports.watch,
        distribution: ports.distribution,
        clientsAddress: clientAddress(host),
        clients: [...clientPorts(settings), ports.management],
        keptOut: clientPorts(settings),
      }),
    }),
    configFile({
      path: files.watchService,
      ...named('rabbitmq/mcp-broker-watch.service.hbs', {
        program: watchProgram.path,
        config: files.watchConfig,
      }),
    }),
    runningUnit(watchUnit, {
      restartOn: [...programPaths(watchProgram), files.watchConfig, files.watchService],
    }),
  ];
}

/** On all members before anything else: those that are connected stay so, and who is restarted later is let in. */
const takeCookieUp = task({
  name: 'rabbitmq-cookie',
  title: 'tell RabbitMQ its new cookie',
  readsFiles: [files.nextCookie],
  when: 'before-units',
  admits: true,
  script: programWith(takeCookieUpText, { values: { next: files.nextCookie, cookie: files.cookie } }),
});

/** A start imports them too; this is for changes that need no restart. It never removes but the guest. */
const importDefinitions = task({
  name: 'rabbitmq-definitions',
  title: 'import users and policies into RabbitMQ',
  readsFiles: [files.definitions],
  when: 'after-units',
  admits: true,
  script: programWith(importDefinitionsText, { values: { definitions: files.definitions } }),
});

/** From the first member, for all: RabbitMQ closes what such a user still has open. */
function formerUserResources(
  { host, members, settings }: RabbitmqInstance,
  { secrets }: Topology,
  render: Render,
): readonly Resource[] {
  if (host.name !== members[0]?.name) return [];
  return [
    configFile({
      path: files.formerUsers,
      template: 'rabbitmq/former-users.hbs',
      content: render('rabbitmq/former-users.hbs', { users: formerUsers(settings, host.platform, secrets) }),
    }),
    task({
      name: 'rabbitmq-former-users',
      title: 'delete the users of RabbitMQ that had their turn',
      readsFiles: [files.formerUsers],
      when: 'at-last',
      script: programWith(deleteFormerUsersText, { values: { list: files.formerUsers } }),
    }),
  ];
}

/** A member that runs learns where a new one is without a restart; each start reads it from the file. */
const learnNames = ({ members }: RabbitmqInstance) =>
  task({
    name: 'rabbitmq-names',
    title: 'tell RabbitMQ where its members are',
    readsFiles: [files.names],
    when: 'before-units',
    script: `rabbitmqctl --quiet --timeout 15 status >/dev/null 2>&1 || exit 0
rabbitmqctl --quiet --timeout 60 eval '${members
      .map(({ name, addresses }) => `inet_db:add_host(${erlangAddress(addresses.replication)}, ["${name}"])`)
      .join(', ')}.' >/dev/null
`,
  });

/** An address as Erlang writes it: `{10,77,0,11}`. */
const erlangAddress = (address: string): string => `{${address.split('.').join(',')}}`;
