import { concerned, type Found, servicesOut } from '../model/check.ts';
import type { Service } from '../model/service.ts';
import { neededBy, needingAny } from '../model/service-order.ts';

/** What was wrong when a run began, and whose work could cure it. */
export interface Ailments {
  /** Whether a service served nobody at all, or nobody could tell: no member of it was seen to be well. */
  isOut(service: string): boolean;
  /**
   * Ailing services that a trouble may come from: what it is about, who found it, and all that both need. Clients who get an
   * error for one API through the public VIP may be served again by mending that API, the load balancers before it, or
   * the proxy.
   */
  curesOf(found: Found): readonly string[];
}

/** `before`: all that was red; `servesNobody`: whether by it no member was well. */
export function ailments(
  before: readonly Found[],
  services: readonly Service[],
  servesNobody: (found: Found) => boolean,
): Ailments {
  const hidden = hiddenIn(before, services);
  const ailing = new Set([...ailingIn(before, before), ...hidden]);
  const out = new Set([...ailingIn(before.filter(servesNobody), before), ...hidden]);
  return {
    isOut: (service) => out.has(service),
    curesOf(found) {
      const way = [concerned(found), found.check.service].flatMap((name) => {
        const service = services.find((each) => each.name === name);
        return service === undefined ? [name] : [name, ...neededBy(service, services)];
      });
      return [...new Set(way)].filter((name) => ailing.has(name));
    },
  };
}

/**
 * Services that these are about; and who complains of another that, among all, finds nothing wrong with itself, since that
 * may be what is wrong.
 */
function ailingIn(these: readonly Found[], all: readonly Found[]): ReadonlySet<string> {
  const complaining = new Set(all.map(({ check }) => check.service));
  return new Set([
    ...these.map(concerned),
    ...these.filter((found) => !complaining.has(concerned(found))).map(({ check }) => check.service),
  ]);
}

/**
 * Services that need one which served nobody. Their deep checks call none of them ill as long as all of them fail alike, so
 * that what is wrong with themselves shows later.
 */
const hiddenIn = (before: readonly Found[], services: readonly Service[]): ReadonlySet<string> =>
  needingAny(servicesOut(before), services);
