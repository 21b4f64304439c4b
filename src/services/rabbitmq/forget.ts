import { type ObservedState, reachable } from '../../model/observed.ts';
import { programWith } from '../../model/shell-program.ts';
import type { ScriptStep } from '../../model/step.ts';
import forgetMemberScript from './forget-member.sh';
import { nodeName, type RabbitmqInstance } from './names.ts';
import { viewOf } from './view.ts';

/**
 * Has the cluster forget a member that has stopped: until then it counts, so that one more that fails could be one too
 * many.
 */
export function forgetMember(
  { host }: RabbitmqInstance,
  staying: readonly RabbitmqInstance[],
  observed: ObservedState,
): readonly ScriptStep[] {
  const names = staying.map((instance) => instance.host.name);
  const teller =
    names.find((name) => viewOf(observed, name).kind === 'up') ??
    names.find((name) => reachable(observed, name) !== undefined);
  if (teller === undefined) return [];
  return [
    {
      host: teller,
      title: `have RabbitMQ forget ${host.name}`,
      timeoutSeconds: 120,
      script: programWith(forgetMemberScript, { values: { node: nodeName(host) } }),
    },
  ];
}
