import type { Validator } from '../../model/probe.ts';
import { defineService } from '../../model/service.ts';
import { hostChecks } from './checks.ts';
import { inspectionChecks, inspectionProbes, inspectionStatus, inspectionValidators } from './inspection.ts';
import { clockProbe } from './probe.ts';
import { chronyConfig, firewallRules, hostResources } from './resources.ts';
import { type HostSettings, hostSettings } from './settings.ts';
import { timeKeepers } from './time.ts';

/** What every host needs before anything else runs on it: names, kernel settings, firewall, the time. */
export const host = defineService<HostSettings>({
  name: 'host',
  title: 'Host',
  roles: 'all',
  after: [],
  settings: hostSettings,
  rolling: { first: 'together', later: 'together' },
  quorum: 'none',
  resources: hostResources,
  validators: (instance, topology) => [...validators, ...inspectionValidators(instance.host, topology)],
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

const validators: readonly Validator[] = [
  {
    name: `nft -c ${firewallRules}`,
    program: '/usr/sbin/nft',
    files: [firewallRules],
    script: `/usr/sbin/nft -c -f "$TREE${firewallRules}"\n`,
  },
  {
    name: `chronyd -p ${chronyConfig}`,
    program: '/usr/sbin/chronyd',
    files: [chronyConfig],
    script: `/usr/sbin/chronyd -p -f "$TREE${chronyConfig}" >/dev/null\n`,
  },
];
