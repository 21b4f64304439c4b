import type { Listener, Socket } from '../../model/listener.ts';
import { defineService } from '../../model/service.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance } from '../../model/topology.ts';
import { removeMark, restOf, setMark } from '../../resources/index.ts';
import { firstStart } from './bootstrap.ts';
import { galeraChecks } from './checks.ts';
import { galeraFaults } from './faults.ts';
import { joinSteps, leaveSteps } from './hand-over.ts';
import inTransactionText from './in-transaction.sh';
import {
  agentPort,
  backend,
  clientAddress,
  copyPort,
  dataDirectory,
  groupPort,
  incrementalPort,
  maintenanceMark,
  probeFile,
  replicationAddress,
  restingMember,
  serverPort,
} from './layout.ts';
import { fewerThanLetThrough } from './limits.ts';
import { memberOn } from './member.ts';
import { galeraObstacles } from './obstacles.ts';
import { galeraProbe } from './probe.ts';
import { galeraRecovery } from './recovery.ts';
import { galeraResources } from './resources.ts';
import { capacityWithout, changeOrder } from './rolling.ts';
import { type GaleraSettings, galeraSettings } from './settings.ts';
import { galeraStatus } from './status.ts';
import { galeraValidators } from './validators.ts';
import { writerOf } from './writer.ts';

const member = restOf(restingMember);

/** The database: MariaDB on every database host, one Galera cluster, one writer behind the VIP. */
export const galera = defineService<GaleraSettings>({
  name: 'galera',
  title: 'Galera',
  roles: ['database'],
  after: ['host'],
  settings: galeraSettings,
  perMachine: ['bufferPoolSize', 'writeSetCacheSize', 'applierThreads', 'leastFreeMegabytes'],
  rolling: { first: 'one-by-one', later: 'one-by-one' },
  quorum: 'majority',
  data: [dataDirectory],
  rooms: ({ settings: { writeSetCacheSize, leastFreeMegabytes } }) => [
    {
      path: dataDirectory,
      mebibytes: mebibytesOf(writeSetCacheSize) + 2 * leastFreeMegabytes + freshServerMebibytes,
      reason: 'write sets, a server without rows, and twice what is left when a member gives the writes up',
    },
  ],
  memory: ({ settings: { bufferPoolSize } }) => mebibytesOf(bufferPoolSize),
  // A member that needs a full copy takes as long as its data is large.
  gateSeconds: 900,
  secrets: () => [
    { name: 'galera.probe', kind: 'password', length: 32 },
    { name: 'galera.drill', kind: 'password', length: 32 },
  ],
  sockets: socketsOf,
  listeners: listenersFor,
  speaksTls: ({ tls }) => tls !== false,
  mistakes: fewerThanLetThrough,
  resources: galeraResources,
  obstacles: galeraObstacles,
  validators: galeraValidators,
  probes: (_instance, topology) => [galeraProbe(topology)],
  checks: galeraChecks,
  status: galeraStatus,
  order: changeOrder,
  // A member that loses its power stops all writes until the others have given it up: it leaves the group before.
  rest: {
    mark: () => `${setMark(maintenanceMark)}${member.mark()}`,
    unmark: () => `${removeMark(maintenanceMark)}${member.unmark()}`,
  },
  carries: ({ host }, topology, observed) => [
    ...(writerOf(topology, observed) === host.name ? ['takes the writes of the database'] : []),
    ...(memberOn(observed, host.name)?.answers === true ? ['is a member of the database cluster'] : []),
  ],
  leave: leaveSteps,
  join: joinSteps,
  bootstrap: firstStart,
  recovery: galeraRecovery,
  capacity: capacityWithout,
  faults: galeraFaults,
});

function socketsOf({ host, members }: Instance<GaleraSettings>): readonly Socket[] {
  const common = { host: host.name, service: 'galera', protocol: 'tcp' } as const;
  const forMembers = (port: number, purpose: string): Socket => ({
    ...common,
    address: replicationAddress(host),
    port,
    purpose,
    from: members.map(replicationAddress),
  });
  return [
    { ...common, address: clientAddress(host), port: serverPort, purpose: 'SQL', from: 'cloud' },
    {
      ...common,
      address: clientAddress(host),
      port: agentPort,
      purpose: 'health of the Galera member',
      // Load balancers and members; and each host with a VIP that has lost the others looks whether anybody is the writer.
      from: 'cloud',
    },
    forMembers(groupPort, 'Galera group'),
    forMembers(incrementalPort, 'Galera incremental transfer'),
    forMembers(copyPort, 'Galera full copy'),
  ];
}

function listenersFor(instances: readonly Instance<GaleraSettings>[]): readonly Listener[] {
  if (instances.length === 0) return [];
  return [
    {
      name: backend,
      service: 'galera',
      role: 'database',
      port: serverPort,
      kind: 'single-writer',
      servers: instances.map(({ host }) => ({
        host: host.name,
        address: clientAddress(host),
        port: serverPort,
      })),
      check: { kind: 'direct', port: agentPort, path: '/writer', expect: 200 },
      componentPath: '/component',
      reach: 'cloud',
      from: 'cloud',
      inTransaction: programWith(inTransactionText, { values: { login: probeFile } }),
      ...spokenBy(instances),
      statics: [],
    },
  ];
}

function spokenBy(instances: readonly Instance<GaleraSettings>[]): Pick<Listener, 'serversSpeakTls'> {
  if (instances.some(({ settings }) => settings.tls === false)) return {};
  return { serversSpeakTls: instances.every(({ settings }) => settings.tls === true) ? 'only' : 'optional' };
}

/** Tables of its own, undo and redo logs: 270 MiB in a deployed lab, beside the cache of write sets; and as much again to grow. */
const freshServerMebibytes = 600;

/** Of a size as settings have it: 1G, 512M. */
const mebibytesOf = (size: string): number => Number.parseInt(size, 10) * (size.endsWith('G') ? 1024 : 1);
