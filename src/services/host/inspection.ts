import type { Check, Finding, StatusSection } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Probe, Validator } from '../../model/probe.ts';
import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { configFile, runningUnit, stoppedUnit } from '../../resources/index.ts';

// The copy of what is cleartext between load balancers and servers, requests and replies, for a host of the security
// domain. The kernel sends it beside the traffic, which never waits for it.

const unit = 'mcp-inspection.service';
const rulesFile = '/etc/mcp/inspection.nft';
const unitFile = `/etc/systemd/system/${unit}`;
const probeName = 'host.inspection';

export const inspectionValidators = (host: Host, topology: Topology): readonly Validator[] =>
  copiedOn(host, topology).length === 0
    ? []
    : [
        {
          name: `nft -c ${rulesFile}`,
          program: '/usr/sbin/nft',
          files: [rulesFile],
          script: `/usr/sbin/nft -c -f "$TREE${rulesFile}"\n`,
        },
      ];

export const inspectionProbes = (host: Host, topology: Topology): readonly Probe[] =>
  copiedOn(host, topology).length === 0 ? [] : [tableProbe];

/** Addresses and ports on a host where load balancers speak cleartext to a server. Nothing where nothing is copied. */
function copiedOn(host: Host, { inventory, listeners }: Topology) {
  if (inventory.inspection === undefined) return [];
  return listeners
    .filter(({ kind }) => kind === 'http')
    .flatMap(({ servers }) => servers)
    .filter((server) => server.host === host.name);
}

export function inspectionResources(
  { host }: Instance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const copied = copiedOn(host, topology);
  const { inspection: wanted } = topology.inventory;
  if (wanted === undefined || copied.length === 0) return [stoppedUnit(unit)];
  return [
    configFile({
      path: rulesFile,
      template: 'host/inspection.nft.hbs',
      content: render('host/inspection.nft.hbs', {
        to: wanted.address,
        interface: host.inspectionInterface ?? wanted.interface ?? host.interfaces.management,
        places: copied.map(({ address, port }) => `${address} . ${port}`),
      }),
    }),
    configFile({
      path: unitFile,
      template: 'host/mcp-inspection.service.hbs',
      content: render('host/mcp-inspection.service.hbs', { rulesFile }),
    }),
    runningUnit(unit, { restartOn: [unitFile], reloadOn: [rulesFile] }),
  ];
}

const tableProbe: Probe = {
  name: probeName,
  deadlineSeconds: 4,
  script: `nft list table ip mcp_inspection 2>/dev/null | grep -c 'dup to' || :\n`,
};

export function inspectionChecks(instances: readonly Instance[], topology: Topology): readonly Check[] {
  const hosts = instances.map(({ host }) => host).filter((host) => copiedOn(host, topology).length > 0);
  if (hosts.length === 0) return [];
  return [
    {
      name: 'host.inspection',
      service: 'host',
      title: 'what load balancers and servers say to each other is copied for inspection',
      judge: (observed) => hosts.flatMap(({ name }) => judge(name, observed)),
    },
  ];
}

function judge(host: string, observed: ObservedState): readonly Finding[] {
  if (!reachable(observed, host) || copies(host, observed)) return [];
  const hint = `Look at journalctl -u ${unit} there, or run mcp deploy.`;
  return [{ severity: 'red', hosts: [host], message: `nothing is copied for inspection on ${host}`, hint }];
}

/** A rule for each direction. */
const copies = (host: string, observed: ObservedState): boolean =>
  probeOutput(observed, host, probeName)?.trim() === '2';

export function inspectionStatus(
  instances: readonly Instance[],
  topology: Topology,
  observed: ObservedState,
): readonly StatusSection[] {
  const { inspection: wanted } = topology.inventory;
  if (wanted === undefined) return [];
  return [
    {
      title: 'Copy for inspection',
      columns: ['host', 'goes to', 'state'],
      rows: instances
        .filter(({ host }) => copiedOn(host, topology).length > 0)
        .map(({ host }) => [
          host.name,
          wanted.address,
          copies(host.name, observed) ? 'copied' : 'not copied',
        ]),
    },
  ];
}
