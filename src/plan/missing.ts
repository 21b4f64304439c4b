import { capacityWithout } from '../model/capacity.ts';
import { judgeAll } from '../model/check.ts';
import { reachable } from '../model/observed.ts';
import type { MissingHost } from '../model/plan.ts';
import { checksOf } from '../model/service.ts';
import type { PlanRequest } from './plan-request.ts';

/**
 * The hosts that this plan leaves out, because they may be missing and are: those that do not answer, and those that
 * answer ssh and are not well all the same.
 */
export function missingHosts(request: PlanRequest): readonly MissingHost[] {
  const { allowUnreachable = [], topology } = request;
  const ill = allowUnreachable.length === 0 ? new Set<string>() : illHosts(request);
  const reasons = allowUnreachable
    .filter((host) => topology.hosts.some(({ name }) => name === host))
    .flatMap((host): readonly (readonly [string, string])[] => {
      if (!reachable(request.observed, host)) return [[host, 'does not answer']];
      return ill.has(host) ? [[host, 'answers ssh, and is not well']] : [];
    });
  const missing = new Set(reasons.map(([host]) => host));
  return reasons.map(([host, reason]) => ({
    host,
    reason,
    capacity: capacityWithout(host, missing, request),
  }));
}

function illHosts({ services, topology, observed }: PlanRequest): ReadonlySet<string> {
  const { results } = judgeAll(checksOf(services, topology), observed);
  const red = results.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'red'));
  return new Set(red.flatMap(({ hosts }) => (hosts.length === 1 ? hosts : [])));
}
