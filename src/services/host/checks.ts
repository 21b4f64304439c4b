import type { Check, Finding } from '../../model/check.ts';
import type { McpError } from '../../model/failure.ts';
import { type ObservedState, probeOutput, type ReachableHost, reachable } from '../../model/observed.ts';
import type { Instance } from '../../model/topology.ts';
import { clockProbe, parseTracking } from './probe.ts';
import type { HostSettings } from './settings.ts';

type Instances = readonly Instance<HostSettings>[];

/** What must be true of the hosts themselves. */
export const hostChecks = (instances: Instances): readonly Check[] => [
  {
    name: 'host.reachable',
    service: 'host',
    title: 'every host answers',
    judge: (observed) => instances.flatMap(({ host }) => judgeReachable(host.name, observed)),
  },
  {
    name: 'host.clock',
    service: 'host',
    title: 'the clocks of all hosts agree',
    judge: (observed) => [
      ...judgeSkew(instances, observed),
      ...instances.flatMap(({ host }) => judgeSource(host.name, observed)),
    ],
  },
  {
    name: 'host.disk',
    service: 'host',
    title: 'every host has free disk space',
    judge: (observed) => instances.flatMap((instance) => judgeDisk(instance, observed)),
  },
  {
    name: 'host.units',
    service: 'host',
    title: 'no unit that mcp manages has failed',
    judge: (observed) => instances.flatMap(({ host }) => judgeUnits(host.name, observed)),
  },
];

function judgeReachable(host: string, observed: ObservedState): readonly Finding[] {
  const observation = observed.hosts.get(host);
  if (observation?.kind === 'reachable') return [];
  const failure = observation?.failure;
  return [{ ...finding('red', [host], whyNot(host, failure), failure?.details.hint), outage: 'host' }];
}

/** A host that turns us away answers, whatever comes of it; what it is for is said in the failure's own words. */
function whyNot(host: string, failure: McpError | undefined): string {
  const why = failure?.message ?? 'was not asked';
  const reason = why.startsWith(`${host}: `) ? why.slice(host.length + 2) : why;
  if (failure?.code === 'unreachable' && reason !== `${host} does not answer`) {
    return `${host} does not answer: ${reason}`;
  }
  return why.includes(host) ? why : `${host}: ${why}`;
}

function judgeSkew(instances: Instances, observed: ObservedState): readonly Finding[] {
  const clocks = answering(instances, observed);
  // What is certain: the latest that a clock can be behind, the least that it must be ahead.
  const behind = (now: ReachableHost) => now.clockSkewMilliseconds + now.clockUncertaintyMilliseconds;
  const ahead = (now: ReachableHost) => now.clockSkewMilliseconds - now.clockUncertaintyMilliseconds;
  const [slowest] = clocks.toSorted((one, other) => behind(one) - behind(other));
  const [fastest] = clocks.toSorted((one, other) => ahead(other) - ahead(one));
  const limit = Math.min(...instances.map(({ settings }) => settings.maxClockSkewMilliseconds));
  if (!slowest || !fastest) return [];
  const apart = Math.round(ahead(fastest) - behind(slowest));
  if (apart <= limit) return [];
  return [
    finding(
      'red',
      [slowest.host, fastest.host],
      `the clock of ${fastest.host} is at least ${apart} ms ahead of ${slowest.host}'s`,
      'Look at chronyc tracking on both.',
    ),
  ];
}

/** Without a source of time the hosts still agree with each other: worth a look, not an outage. */
function judgeSource(host: string, observed: ObservedState): readonly Finding[] {
  const output = probeOutput(observed, host, clockProbe.name);
  if (output === undefined) return [];
  const tracking = parseTracking(output);
  if (tracking?.synchronised) return [];
  const what = tracking ? 'follows no time source yet' : 'is not watched: chrony does not answer';
  return [finding('warning', [host], `the clock of ${host} ${what}`)];
}

function judgeDisk({ host, settings }: Instance<HostSettings>, observed: ObservedState): readonly Finding[] {
  const found = reachable(observed, host.name);
  if (!found) return [];
  const free = Math.floor(found.diskFreeBytes / 1024 ** 2);
  if (free >= settings.minFreeDiskMegabytes * 2) return [];
  const severity = free < settings.minFreeDiskMegabytes ? 'red' : 'warning';
  return [finding(severity, [host.name], `${host.name} has ${free} MB of free disk space left`)];
}

function judgeUnits(host: string, observed: ObservedState): readonly Finding[] {
  const failed = [...(reachable(observed, host)?.units ?? [])]
    .filter(([, { activeState }]) => activeState === 'failed')
    .map(([name]) => name);
  if (failed.length === 0) return [];
  return [
    finding('red', [host], `${failed.join(', ')} failed on ${host}`, 'Look at journalctl -u UNIT there.'),
  ];
}

const answering = (instances: Instances, observed: ObservedState): ReachableHost[] =>
  instances.flatMap(({ host }) => reachable(observed, host.name) ?? []);

const finding = (
  severity: Finding['severity'],
  hosts: readonly string[],
  message: string,
  hint?: string,
): Finding => ({ severity, hosts, message, ...(hint === undefined ? {} : { hint }) });
