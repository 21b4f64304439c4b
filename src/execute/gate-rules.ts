import { narrowed, type SortedFindings, sortByCause, withoutConsequences } from '../model/cause.ts';
import { concerned, type Finding, type Found, findAll, isRed } from '../model/check.ts';
import type { DesiredState } from '../model/desired.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Batch, Plan } from '../model/plan.ts';
import { checksOf, type Service } from '../model/service.ts';
import { type AtMoment, type Counts, concernsWhoCounts, departuresFrom, staged } from '../model/stage.ts';
import type { Step } from '../model/step.ts';
import { instancesOf, type Topology } from '../model/topology.ts';
import { ailments } from './cures.ts';
import { aheadAt, asAt, countsAt, type Moment, mayHoldAt, wasStarted } from './moments.ts';

/** Decides which findings close a gate. Made once a run, from what was observed before it. */
export interface GateRules {
  /** Red findings that close the gate before or after a batch. */
  closing(observed: ObservedState, batch: Batch, when: 'before' | 'after'): SortedFindings;
  /** Whether this run deploys a service for the first time: nobody depends on it yet. */
  isFresh(service: string): boolean;
  /** Red findings that close the last gate: nothing is excused any more. */
  closingAtEnd(observed: ObservedState): SortedFindings;
}

export interface GateRequest {
  readonly plan: Plan;
  readonly services: readonly Service[];
  /** Everybody who takes part: who leaves too. */
  readonly topology: Topology;
  /** As the inventory has it; the same where nobody leaves. */
  readonly wanted?: Topology;
  readonly desired: DesiredState;
  /** As it was before the run. */
  readonly observed: ObservedState;
}

/**
 * A gate looks at the whole cluster as far as it is there at that moment: who may be missing, who has not been set up yet
 * and who has left is not judged, and the others are judged without them. A first deploy and a repair must get through
 * it, too. So a service is not judged before its first deploy is complete, and what was red before the run is excused as
 * long as work that can cure it is still ahead, with all that follows from it. Whatever was green must stay green.
 */
export function gateRules(request: GateRequest): GateRules {
  const { plan, services, observed } = request;
  const judgedAt = (moment: Moment) =>
    judging(request, countsAt(moment, request), {
      asNow: asAt(moment, request),
      mayHold: mayHoldAt(moment, request),
    });
  const fresh = new Set(
    services.map(({ name }) => name).filter((name) => !wasStarted(name, request.topology, request)),
  );
  const before = judgedAt({ kind: 'begin' }).red(observed);
  const redBefore = new Set(before.map(troubleOf));
  const { isOut, curesOf } = ailments(before, services, (found) => servesNobody(found, request));
  const ahead = (service: string, { id }: Batch, when: 'before' | 'after') =>
    aheadAt({ kind: when, batch: id }, plan)((batch) => batch.service === service);
  const isPlanned = (name: string) =>
    plan.batches.some(({ service, purpose }) => service === name && purpose !== 'logins');
  const isNotJudged = (service: string, batch: Batch, when: 'before' | 'after') =>
    fresh.has(service) && (ahead(service, batch, when) || !isPlanned(service));
  const isOld = (found: Found, batch: Batch, when: 'before' | 'after') =>
    redBefore.has(troubleOf(found)) ||
    // Told of all as one thing before, and of those that are left now.
    (isOut(concerned(found)) && isChangedAhead(found, batch, { when, ...request }));
  const isCuredAhead = (found: Found, batch: Batch, when: 'before' | 'after') => {
    const cures = curesOf(found);
    // Nobody's place is taken by what is broken itself, or where nobody serves.
    const isNobodysLoss = cures.includes(batch.service) || blamesAll(found, request);
    return isNobodysLoss && cures.some((name) => ahead(name, batch, when));
  };
  const isExcused = (found: Found, batch: Batch, when: 'before' | 'after') => {
    const service = concerned(found);
    if (!isOld(found, batch, when)) return false;
    if (ahead(service, batch, when) || isCuredAhead(found, batch, when)) return true;
    if (!losesAStandIn(service, batch, request) && isStartedAhead(found, batch, { when, ...request }))
      return true;
    // Bringing something up can't make worse what is none of its business; acting on what clients use could, unless they
    // are served by nobody anyway. What keeps members apart is nothing of their own, and a firewall may be the cure.
    const couldWorsen = batch.disruptive && found.finding.outage !== 'service';
    return service !== batch.service && !couldWorsen;
  };
  return {
    isFresh: (service) => fresh.has(service),
    closing: (now, batch, when) =>
      judgedAt({ kind: when, batch: batch.id }).sorted(
        now,
        (found) =>
          !isNotJudged(found.check.service, batch, when) &&
          !isNotJudged(concerned(found), batch, when) &&
          !isExcused(found, batch, when) &&
          (when === 'after' || !blamesOnly(found.finding, batch)),
      ),
    closingAtEnd: (now) =>
      judgedAt({ kind: 'end' }).sorted(
        now,
        ({ check: { service } }) => !fresh.has(service) || isPlanned(service),
      ),
  };
}

/**
 * The checks of the cloud as far as it counts. What blames only who does not count, or who leaves, is nobody's trouble: a
 * member that a killed run has stopped already must not excuse that another one stops.
 */
function judging({ services, topology, wanted = topology }: GateRequest, counts: Counts, at: AtMoment) {
  const there = staged(topology, counts, at);
  const checks = checksOf(services, there);
  const departing = departuresFrom(topology, wanted);
  const leaves = (service: string, name: string): boolean =>
    departing.some((instance) => instance.service === service && instance.host.name === name);
  const concerns = concernsWhoCounts((service, host) => counts(service, host) && !leaves(service, host));
  const red = (observed: ObservedState): readonly Found[] =>
    findAll(checks, observed).filter(isRed).filter(concerns);
  return {
    red,
    /** What closes a gate, with its causes: these are told even where they are excused themselves. */
    sorted: (observed: ObservedState, closes: (found: Found) => boolean): SortedFindings => {
      const sorted = sortByCause(red(observed), { services, topology: there, observed });
      return narrowed(withoutConsequences(sorted, closes), closes);
    },
  };
}

/** What is wrong, and with which service: a load balancer's check speaks for many. */
const troubleOf = (found: Found): string => `${found.check.name} of ${concerned(found)}`;

/** Whether the service that it is about is still to be changed on each host that it blames. */
function isChangedAhead(
  found: Found,
  { id }: Batch,
  { when, plan }: GateRequest & { readonly when: 'before' | 'after' },
): boolean {
  const isAhead = aheadAt({ kind: when, batch: id }, plan);
  const changes = (name: string) => (batch: Batch) =>
    batch.service === concerned(found) && batch.hosts.some(({ host }) => host === name);
  const { hosts } = found.finding;
  return hosts.length > 0 && hosts.every((name) => isAhead(changes(name)));
}

/**
 * Whether no member is left that could be well: it says so, it is so on every host, or it is what clients get through a VIP.
 * What lacks a copy, or a policy, blames nobody and takes nobody away.
 */
const servesNobody = (found: Found, request: GateRequest): boolean => {
  const { hosts, outage, service } = found.finding;
  if (outage === 'service') return true;
  return hosts.length === 0 ? service !== undefined : blamesAll(found, request);
};

/** Whether it is the same wherever one looks: then nobody stands in for who can't serve. */
const blamesAll = ({ check, finding: { hosts } }: Found, { topology }: GateRequest): boolean =>
  hosts.length === 0 || instancesOf(topology, check.service).every(({ host }) => hosts.includes(host.name));

/** Whether the batch acts on somebody who serves instead of those who can't; a plan lets nobody leave who is needed. */
const losesAStandIn = (service: string, { hosts, leaving }: Batch, { topology }: GateRequest): boolean =>
  leaving.length === 0 &&
  instancesOf(topology, service).some((instance) => hosts.some(({ host }) => host === instance.host.name));

/** Whether what is wrong on a host may be that something does not run there which this run starts: HAProxy, for a VIP. */
function isStartedAhead(
  found: Found,
  { id }: Batch,
  { when, plan, services, topology }: GateRequest & { readonly when: 'before' | 'after' },
): boolean {
  const service = services.find(({ name }) => name === concerned(found));
  const fronts = service?.admitsClients === true ? topology.fronts.map((front) => front.service) : [];
  const needs = [...(service?.after ?? []), ...fronts];
  const isAhead = aheadAt({ kind: when, batch: id }, plan);
  const starts = (name: string) => (batch: Batch) =>
    needs.includes(batch.service) &&
    batch.hosts.some(({ host, steps }) => host === name && steps.some(isStart));
  const { hosts: blamed } = found.finding;
  return blamed.length > 0 && blamed.every((name) => isAhead(starts(name)));
}

const isStart = (step: Step): boolean => step.kind === 'unit' && step.action === 'start';

/** What is about to be changed may be what is wrong with it. */
const blamesOnly = ({ hosts }: Finding, batch: Batch): boolean =>
  hosts.length > 0 && hosts.every((name) => batch.hosts.some(({ host }) => host === name));
