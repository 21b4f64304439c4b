import { capacityWithout } from './capacity.ts';
import { concerned, type Found } from './check.ts';
import { followingFromHosts, type Judged } from './counterfactual.ts';
import { dependantsOf } from './dependants.ts';

/** A finding from which others follow: a host that does not answer, a service that serves nobody. */
export interface Cause extends Found {
  /** What is left without the host: "galera 2 of 3". Empty where a service is out. */
  readonly capacity: readonly string[];
  readonly follows: readonly Found[];
}

/** Everything that was found, once each: causes, dead hosts first, and what follows from none of them. */
export interface SortedFindings {
  readonly causes: readonly Cause[];
  readonly others: readonly Found[];
}

/**
 * Tells what is wrong from what only follows from it. From dead hosts follows what would not be found if they were no
 * members at all; from a service that serves nobody, the troubles of those that depend on it. That a service is out is
 * said even where dead hosts are the reason: it is what clients notice.
 */
export function sortByCause(found: readonly Found[], judged: Judged): SortedFindings {
  const dead = found.filter(({ finding }) => finding.outage === 'host');
  const names = new Set(dead.flatMap(({ finding }) => finding.hosts));
  const ofHosts = new Set(followingFromHosts(names, found, judged));
  const outages = outagesIn(found, judged);
  const isCause = (each: Found): boolean => dead.includes(each) || outages.includes(each);
  const causeOf = (each: Found): Found | undefined =>
    ofHosts.has(each)
      ? whoIsBlamed(each, dead)
      : outages.find((outage) => followsFromOutage(each, outage, judged));
  const sorted = found
    .filter((each) => !isCause(each))
    .map((each) => ({ found: each, cause: causeOf(each) }));
  const folded = (cause: Found): readonly Found[] =>
    sorted.filter((each) => each.cause === cause).map((each) => each.found);
  return {
    causes: [
      ...dead.map((cause) => ({
        ...cause,
        capacity: cause.finding.hosts.flatMap((host) => capacityWithout(host, names, judged)),
        follows: folded(cause),
      })),
      ...outages.map((cause) => ({ ...cause, capacity: [], follows: folded(cause) })),
    ],
    others: sorted.filter(({ cause }) => cause === undefined).map((each) => each.found),
  };
}

/** All of it again, causes with what follows from them first. */
export const everythingIn = ({ causes, others }: SortedFindings): readonly Found[] => [
  ...causes.flatMap(({ check, finding, follows }) => [{ check, finding }, ...follows]),
  ...others,
];

/** Only what counts, with the causes that it follows from, whether or not these count themselves. */
export const narrowed = (
  { causes, others }: SortedFindings,
  counts: (found: Found) => boolean,
): SortedFindings => ({
  causes: causes
    .map((cause) => ({ ...cause, follows: cause.follows.filter(counts) }))
    .filter((cause) => counts(cause) || cause.follows.length > 0),
  others: others.filter(counts),
});

/**
 * Without what follows from a service that is out and does not count itself: that is no trouble of its own, however many
 * others come to show it.
 */
export const withoutConsequences = (
  { causes, others }: SortedFindings,
  counts: (found: Found) => boolean,
): SortedFindings => ({
  causes: causes.map((cause) =>
    cause.finding.outage === 'service' && !counts(cause) ? { ...cause, follows: [] } : cause,
  ),
  others,
});

/** The services that are out, but for those that are because another is. */
function outagesIn(found: readonly Found[], judged: Judged): readonly Found[] {
  const out = found.filter(({ finding }) => finding.outage === 'service');
  return out.filter((each, index) =>
    out.slice(0, index).every((earlier) => !followsFromOutage(each, earlier, judged)),
  );
}

/** The one dead host that a finding blames; the first where it blames none of them, or several. */
function whoIsBlamed({ finding }: Found, dead: readonly Found[]): Found | undefined {
  const blamed = dead.filter((each) => each.finding.hosts.some((host) => finding.hosts.includes(host)));
  return blamed.length === 1 ? blamed[0] : dead[0];
}

/** A warning of a load balancer tells of a server that somebody took out, which is not what an outage does. */
function followsFromOutage(each: Found, outage: Found, judged: Judged): boolean {
  const isTakenOut = each.finding.service !== undefined && each.finding.severity === 'warning';
  return !isTakenOut && dependantsOf(concerned(outage), judged).has(concerned(each));
}
