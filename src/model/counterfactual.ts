import { type Found, findAll, isRed } from './check.ts';
import type { ObservedState } from './observed.ts';
import { checksOf, type Service } from './service.ts';
import { staged } from './stage.ts';
import type { Topology } from './topology.ts';

/** What was judged when something was found. */
export interface Judged {
  readonly services: readonly Service[];
  readonly topology: Topology;
  readonly observed: ObservedState;
}

/**
 * Of `found`, what is there only because `dead` hosts do not answer: it blames nobody else, or is not found once they are
 * left out of the cloud. Where a check finds something new of the same hosts then, in place of what it found before, they
 * have a trouble of their own: who sees one member of three is ill even if only two are alive.
 */
export function followingFromHosts(
  dead: ReadonlySet<string>,
  found: readonly Found[],
  { services, topology, observed }: Judged,
): readonly Found[] {
  if (dead.size === 0) return [];
  const checks = checksOf(
    services,
    staged(topology, (_service, host) => !dead.has(host)),
  );
  const without = findAll(checks, observed);
  const news = without.filter((one) => found.every((other) => !isSame(one, other)));
  const alive = ({ finding }: Found): string => finding.hosts.filter((host) => !dead.has(host)).join(' ');
  const isNoMilder = (one: Found, other: Found): boolean => isRed(one) || !isRed(other);
  const stays = (each: Found): boolean =>
    without.some((one) => isSame(one, each) && isNoMilder(one, each)) ||
    news.some((one) => isOfSameCheck(one, each) && alive(one) === alive(each) && isNoMilder(one, each));
  return (
    found
      .filter(({ finding }) => finding.outage === undefined)
      // What no service judges, such as certificates, has nothing to do with hosts.
      .filter(({ check }) => services.some(({ name }) => name === check.service))
      .filter((each) => blamesOnly(dead, each) || !stays(each))
  );
}

const blamesOnly = (dead: ReadonlySet<string>, { finding: { hosts } }: Found): boolean =>
  hosts.length > 0 && hosts.every((host) => dead.has(host));

const isOfSameCheck = (one: Found, other: Found): boolean =>
  one.check.name === other.check.name && one.finding.service === other.finding.service;

const isSame = (one: Found, other: Found): boolean =>
  isOfSameCheck(one, other) && one.finding.message === other.finding.message;
