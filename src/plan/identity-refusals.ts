import type { Host } from '../model/host.ts';
import { type ReachableHost, reachable } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import { carriedBy } from '../model/service.ts';
import type { Departures } from './departures.ts';
import { missingHosts } from './missing.ts';
import { isBack, type PlanRequest, restingHosts } from './plan-request.ts';

/** Where a host is not, or not only, what the record and the inventory take it for. */
export const identityRefusals = (departures: Departures, request: PlanRequest): readonly Refusal[] => [
  ...backWithOldConfiguration(request),
  ...givenUpInAbsence(departures, request),
  ...movedUnderItsName(request),
  ...renamed(request),
  ...ofAnotherRelease(request),
  ...leftOutWithWork(request),
];

/** Who is left out is not looked at: what it carries would seem to be carried by nobody. */
const leftOutWithWork = (request: PlanRequest): readonly Refusal[] =>
  missingHosts(request)
    .filter(({ kind }) => kind === 'unwell')
    .flatMap(({ host }): readonly Refusal[] => {
      const { services, topology, observed } = request;
      const carried = carriedBy(host, services, topology, observed);
      if (carried.length === 0) return [];
      return [
        {
          kind: 'degraded',
          host,
          message: `${host} is not well and still carries something: ${carried.join('; ')}`,
          hint: `take it out first with \`mcp maintenance enter ${host}\`, or power it off`,
        },
      ];
    });

/** What is given up has to be stopped: nobody would come back to that once the record no longer tells of it. */
function givenUpInAbsence({ instances }: Departures, request: PlanRequest): readonly Refusal[] {
  const { observed, allowUnreachable = [] } = request;
  const resting = restingHosts(request);
  const isAway = (host: string): boolean =>
    !reachable(observed, host) || resting.has(host) || allowUnreachable.includes(host);
  return request.topology.hosts
    .map(({ name }) => name)
    .filter((name) => isAway(name) && instances.some(({ host }) => host.name === name))
    .map((host) => ({
      kind: 'quorum',
      host,
      message: `${host} is to give up a role and takes no part in this run`,
      hint: `give ${host} the role back until it takes part again; or, where it is gone for good, take the whole host out of the inventory and add --forget ${host}`,
    }));
}

/** By its name alone a host would be taken for the one that was there before, which would go on as it is. */
const movedUnderItsName = ({ membership, topology }: PlanRequest): readonly Refusal[] =>
  topology.hosts.flatMap(({ name, addresses: { management } }): readonly Refusal[] => {
    const before = membership?.recorded?.members.find((member) => member.name === name);
    if (before === undefined || before.addresses.management === management) return [];
    return [
      {
        kind: 'returned',
        host: name,
        message: `${name} was at ${before.addresses.management} and is to be at ${management}: what is at the old address would go on as a member`,
        hint: `take ${name} out of the inventory and deploy (with --forget ${name} where the old one does not answer), then add it with its new address`,
      },
    ];
  });

/** One machine under two names would be told to leave and to stay. */
const renamed = ({ membership, topology }: PlanRequest): readonly Refusal[] =>
  (membership?.recorded?.members ?? []).flatMap((member): readonly Refusal[] => {
    const at = member.addresses.management;
    if (topology.hosts.some(({ name }) => name === member.name)) return [];
    const now = topology.hosts.find(({ addresses }) => addresses.management === at);
    if (now === undefined) return [];
    return [
      {
        kind: 'returned',
        host: now.name,
        message: `${now.name} has the address of ${member.name} (${at}), which is no longer in the inventory`,
        hint: `take ${now.name} out too and deploy, so that ${member.name} leaves (with --forget ${member.name} where it does not answer); then add ${now.name}`,
      },
    ];
  });

/**
 * Files of one release are wrong for the daemons of another, and their data need not go back: a deploy is no upgrade of
 * Debian, in either direction.
 */
const ofAnotherRelease = ({ topology, observed }: PlanRequest): readonly Refusal[] =>
  topology.hosts.flatMap((host): readonly Refusal[] => {
    const found = reachable(observed, host.name);
    if (found === undefined || found.release === host.platform.release) return [];
    const runs = found.release === '' ? 'a system whose release has no name' : found.release;
    const told = topology.inventory.lab === undefined ? ofMachine(host, found) : ofLabHost(host);
    return [
      {
        kind: 'other-release',
        host: host.name,
        message: `${host.name} runs ${runs}, and ${told.wanted}`,
        hint: told.hint,
      },
    ];
  });

const ofMachine = ({ name, platform: { distribution, release } }: Host, { cloud }: ReachableHost) => ({
  wanted: `the inventory says ${distribution} ${release}`,
  hint:
    cloud === undefined
      ? `install ${distribution} ${release} on ${name}, or correct \`platform\` in the inventory`
      : `say \`platform\` as it was: mcp takes no running cloud from one release to another; a new cloud beside it can have the other one`,
});

const ofLabHost = ({ platform: { release } }: Host) => ({
  wanted: `the lab is asked for with ${release}`,
  hint: `run \`mcp lab down\` and \`mcp lab up\` for hosts of ${release}, or unset RELEASE: what is up is meant then, where the inventory names no release`,
});

/** Listened to again, it would take VIPs by what it remembers before anybody has told it what is so now. */
const backWithOldConfiguration = (request: PlanRequest): readonly Refusal[] =>
  request.topology.hosts
    .filter(({ name }) => isBack(request, name))
    .flatMap(({ name }) => reachable(request.observed, name) ?? [])
    .map(({ host }) => ({
      kind: 'returned',
      host,
      message: `${host} was forgotten and still has what it had then`,
      hint: `take ${host} out of the inventory and deploy: that takes it away; then add it again`,
    }));
