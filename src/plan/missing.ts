import { capacityWithout } from '../model/capacity.ts';
import { judgeAll } from '../model/check.ts';
import { maintenanceAsText } from '../model/membership.ts';
import { reachable } from '../model/observed.ts';
import type { MissingHost } from '../model/plan.ts';
import { checksOf } from '../model/service.ts';
import { type PlanRequest, restingHosts } from './plan-request.ts';

/** The hosts that this plan leaves out: who is in maintenance, and who may be missing and is. */
export function missingHosts(request: PlanRequest): readonly MissingHost[] {
  const reasons = [...inMaintenance(request), ...allowedToBeMissing(request)];
  const missing = new Set(reasons.map(({ host }) => host));
  return reasons.map((each) => ({ ...each, capacity: capacityWithout(each.host, missing, request) }));
}

type Reason = Omit<MissingHost, 'capacity'>;

const inMaintenance = (request: PlanRequest): readonly Reason[] =>
  [...restingHosts(request)].map(([host, maintenance]) => ({
    host,
    kind: 'maintenance',
    reason: maintenanceAsText(maintenance),
  }));

/** Those that do not answer, and those that answer ssh and are not well all the same. */
function allowedToBeMissing(request: PlanRequest): readonly Reason[] {
  const { allowUnreachable = [], topology, observed } = request;
  const resting = restingHosts(request);
  const ill = allowUnreachable.length === 0 ? new Set<string>() : illHosts(request);
  return allowUnreachable
    .filter((host) => topology.hosts.some(({ name }) => name === host) && !resting.has(host))
    .flatMap((host): readonly Reason[] => {
      if (!reachable(observed, host)) return [{ host, kind: 'silent', reason: 'does not answer' }];
      return ill.has(host) ? [{ host, kind: 'unwell', reason: 'answers ssh, and is not well' }] : [];
    });
}

function illHosts({ services, topology, observed }: PlanRequest): ReadonlySet<string> {
  const { results } = judgeAll(checksOf(services, topology), observed);
  const red = results.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'red'));
  return new Set(red.flatMap(({ hosts }) => (hosts.length === 1 ? hosts : [])));
}
