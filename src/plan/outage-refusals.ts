import type { Refusal } from '../model/plan.ts';
import { instancesOf } from '../model/topology.ts';
import { everybodyIn, type PlanRequest } from './plan-request.ts';

/**
 * Services that nobody is served by and that do not come back by themselves. Who waits for members that are gone would be
 * waited for in vain, and who starts one could decide what is true: that is for the operator to say.
 */
export function outageRefusals(request: PlanRequest): readonly Refusal[] {
  const { services, observed } = request;
  return services.flatMap(({ name, recovery }): readonly Refusal[] => {
    const instances = instancesOf(everybodyIn(request), name);
    const outage = recovery?.outage(instances, observed);
    if (outage?.kind !== 'stuck') return [];
    const [host = instances[0]?.host.name ?? ''] = outage.waitsFor;
    return [{ kind: 'outage', host, message: outage.message, hint: outage.hint }];
  });
}
