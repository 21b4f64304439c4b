import { type ObservedState, reachable } from '../../model/observed.ts';
import { defineService } from '../../model/service.ts';
import { type Instance, type Topology, vipsHeldBy } from '../../model/topology.ts';
import {
  holdersOf,
  joinVips,
  leaveVips,
  maintenanceMark,
  marksDirectory,
  programPaths,
  pythonCompiles,
  setMark,
} from '../../resources/index.ts';
import { keepalivedChecks } from './checks.ts';
import { vipFaults } from './faults.ts';
import { partitionFaults } from './partitions.ts';
import { isCandidate, vipsProbe } from './probe.ts';
import { vipRecovery } from './recovery.ts';
import { keepalivedConfig, keepalivedResources, notifyScript, watchProgram } from './resources.ts';
import { type KeepalivedSettings, keepalivedSettings } from './settings.ts';
import { spreadVips } from './settle.ts';
import { vipStatus } from './status.ts';
import { watchedNetworks, watchPort } from './vip-values.ts';

/** Puts each VIP on exactly one host that can serve it. */
export const keepalived = defineService<KeepalivedSettings>({
  name: 'keepalived',
  title: 'Keepalived',
  roles: ['control', 'database', 'proxy'],
  after: ['haproxy'],
  settings: keepalivedSettings,
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  admitsClients: true,
  newWays: ({ host }, topology, observed) =>
    reachable(observed, host.name)?.units.get('keepalived.service')?.activeState === 'active'
      ? vipsHeldBy(topology, host)
          .filter((vip) => !isCandidate(vip, host.name, observed))
          .map(({ role }) => role)
      : [],
  sockets: ({ host }, topology) =>
    watchedNetworks(host, topology).map((network) => ({
      host: host.name,
      service: 'keepalived',
      address: host.addresses[network],
      port: watchPort,
      protocol: 'udp',
      purpose: 'who holds which VIP',
      from: 'cloud',
    })),
  resources: keepalivedResources,
  checks: keepalivedChecks,
  status: (_instances, topology, observed) => vipStatus(topology, observed),
  faults: (_instances, topology) => [...vipFaults(topology), ...partitionFaults(topology)],

  validators: ({ host }, topology) =>
    vipsHeldBy(topology, host).length === 0
      ? []
      : [
          {
            name: 'keepalived -t',
            program: '/usr/sbin/keepalived',
            files: [keepalivedConfig, notifyScript],
            script: validatorScript,
          },
          pythonCompiles(watchProgram.path, programPaths(watchProgram)),
        ],
  probes: ({ host }, topology) =>
    vipsHeldBy(topology, host).length === 0 ? [] : [vipsProbe(host, topology)],

  order: (instances, topology, observed) =>
    [...instances].sort(
      (a, b) => heldBy(a, topology, observed).length - heldBy(b, topology, observed).length,
    ),
  rest: { mark: () => setMark(maintenanceMark, '1'), unmark: () => setMark(maintenanceMark, '0') },
  carries: (instance, topology, observed) =>
    heldBy(instance, topology, observed).map((name) => `holds ${name}`),
  leave: ({ host }, topology, observed) => leaveVips({ host, roles: host.roles }, topology, observed),
  join: ({ host }, topology) => joinVips({ host, roles: host.roles }, topology),
  recovery: vipRecovery,
  settle: (_instances, topology, observed) => spreadVips(topology, observed),

  capacity(instance, topology, observed) {
    const held = heldBy(instance, topology, observed);
    const left = `keepalived ${instance.members.length - 1} of ${instance.members.length}`;
    return held.length === 0 ? left : `${left}, ${held.join(' and ')} handed over first`;
  },
});

// The staged script stands in for the one that is not there yet, and so do the folders of the files it tracks.
const validatorScript = `staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
sed "s#/usr/lib/mcp/#$TREE/usr/lib/mcp/#g; s#/run/mcp/#$staged/#g; s#${marksDirectory}/#$staged/#g" \\
  "$TREE${keepalivedConfig}" >"$staged/keepalived.conf"
/usr/sbin/keepalived -t -f "$staged/keepalived.conf" >"$staged/said" 2>&1
result=$?
sed "s#$staged/keepalived.conf#${keepalivedConfig}#g; s#$TREE##g" "$staged/said" >&2
exit $result
`;

const heldBy = (
  { host }: Instance<KeepalivedSettings>,
  { vips }: Topology,
  observed: ObservedState,
): readonly string[] =>
  vips.filter((vip) => holdersOf(vip, observed).includes(host.name)).map(({ name }) => name);
