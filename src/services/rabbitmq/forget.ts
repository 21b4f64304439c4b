import { type ObservedState, reachable } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import { quote } from '../../model/transport.ts';
import { nodeName, type RabbitmqInstance } from './names.ts';
import { viewOf } from './view.ts';

/**
 * Has the cluster forget a member that has stopped: until then it counts, so that one more that fails could be one too
 * many. Quorum queues give its copy up first; mirrored ones have made another when it was drained.
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
  const node = quote(nodeName(host));
  return [
    {
      host: teller,
      title: `have RabbitMQ forget ${host.name}`,
      timeoutSeconds: 120,
      script: `node=${node}
listed() { rabbitmqctl --quiet --timeout 30 cluster_status --formatter json | grep -qF ""$node""; }
listed || exit 0
rabbitmq-queues --quiet --timeout 60 shrink "$node" >/dev/null 2>&1 || :
for try in 1 2 3 4 5; do
  said=$(rabbitmqctl --quiet --timeout 60 forget_cluster_node "$node" 2>&1) && exit 0
  listed || exit 0
  sleep 2
done
echo "$said" >&2
exit 1
`,
    },
  ];
}
