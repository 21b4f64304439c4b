import type { Validator } from '../../model/probe.ts';
import { defineService } from '../../model/service.ts';
import { hostChecks } from './checks.ts';
import { inspectionChecks, inspectionProbes, inspectionStatus, inspectionValidators } from './inspection.ts';
import { hostObstacles } from './obstacles.ts';
import { clockProbe } from './probe.ts';
import { chronyConfig, firewallPartsOn, firewallRules, hostResources } from './resources.ts';
import { type HostSettings, hostSettings } from './settings.ts';
import { timeKeepers } from './time.ts';

/** What every host needs before anything else runs on it: names, kernel settings, firewall, the time. */
export const host = defineService<HostSettings>({
  name: 'host',
  title: 'Host',
  roles: 'all',
  after: [],
  settings: hostSettings,
  perMachine: ['timeServers', 'timePools', 'minFreeDiskMegabytes', 'heldBackPackages'],
  rolling: { first: 'together', later: 'together' },
  quorum: 'none',
  resources: hostResources,
  obstacles: hostObstacles,
  validators: (instance, topology) => [
    firewallValidator(firewallPartsOn(instance, topology).map(({ path }) => path)),
    clockValidator,
    ...inspectionValidators(instance.host, topology),
  ],
  probes: (instance, topology) => [clockProbe, ...inspectionProbes(instance.host, topology)],
  checks: (instances, topology) => [...hostChecks(instances), ...inspectionChecks(instances, topology)],
  status: inspectionStatus,

  sockets: ({ host: { name, addresses }, members }) =>
    timeKeepers(members).some((keeper) => keeper.name === name)
      ? [
          {
            host: name,
            service: 'host',
            address: addresses.management,
            port: 123,
            protocol: 'udp',
            purpose: 'time for the other hosts',
            from: 'cloud',
          },
        ]
      : [],
});

/** With the operator's own rules as they are staged. */
const firewallValidator = (parts: readonly string[]): Validator => ({
  name: `nft -c ${firewallRules}`,
  program: '/usr/sbin/nft',
  files: [firewallRules, ...parts],
  script: `rules=$(mktemp)
trap 'rm -f "$rules"' EXIT
sed 's#^include "/etc/mcp/nft.d/#include "'"$TREE"'/etc/mcp/nft.d/#' "$TREE${firewallRules}" >"$rules" || exit
said=$(/usr/sbin/nft -c -f "$rules" 2>&1) && exit 0
printf '%s\\n' "$said" | sed "s#$rules#${firewallRules}#g; s#$TREE##g" >&2
exit 1
`,
});

const clockValidator: Validator = {
  name: `chronyd -p ${chronyConfig}`,
  program: '/usr/sbin/chronyd',
  files: [chronyConfig],
  script: `/usr/sbin/chronyd -p -f "$TREE${chronyConfig}" >/dev/null\n`,
};
