import type { Check } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { fitnessProbe, hostsAreFit, sessionsAreEnough } from './fitness.ts';
import {
  addressesAreThere,
  clocksAgree,
  diskIsLargeEnough,
  everyHostAnswers,
  memoryIsLargeEnough,
} from './hosts.ts';
import { judgedWhereLooked } from './looked.ts';
import { mtuProbe, mtusAgree } from './mtu.ts';
import { portsAreFree, portsAreOpen, portsProbe } from './ports.ts';
import { dataHasRoom, roomProbe } from './room.ts';
import { noForeignRouters, vrrpProbe } from './routers.ts';
import { noStrangerAnswers, vipProbe } from './vips.ts';
import { wholePacketsPass, wireProbe } from './wire.ts';

/** What `mcp check` asks each host beside what every observation tells. Read-only, a few seconds. */
export const preflightProbes = (topology: Topology, host: Host): readonly Probe[] => [
  fitnessProbe,
  roomProbe(topology, host),
  portsProbe(topology, host),
  mtuProbe(host),
  wireProbe(topology, host),
  vipProbe(topology, host),
  vrrpProbe(topology, host),
];

/**
 * What must be true of machines before (and after) anything is deployed to them: each finding says what to do.
 * Judges over one observation, like the checks of services.
 */
export const preflightChecks = (topology: Topology): readonly Check[] => [
  everyHostAnswers(topology),
  ...[
    clocksAgree(topology),
    addressesAreThere(topology),
    hostsAreFit(topology),
    sessionsAreEnough(topology),
    mtusAgree(topology),
    wholePacketsPass(topology),
    diskIsLargeEnough(topology),
    dataHasRoom(topology),
    memoryIsLargeEnough(topology),
    portsAreFree(topology),
    portsAreOpen(topology),
  ].map(judgedWhereLooked(topology)),
  noStrangerAnswers(topology),
  noForeignRouters(topology),
];
