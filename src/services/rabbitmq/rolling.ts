import type { ObservedState } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import { nodeName, type RabbitmqInstance, unit } from './names.ts';
import { firstView, viewOf } from './view.ts';

/** Who is unwell first, then who leads the fewest notification queues. */
export const orderOf = (
  instances: readonly RabbitmqInstance[],
  observed: ObservedState,
): readonly RabbitmqInstance[] => {
  const cost = (instance: RabbitmqInstance) =>
    viewOf(observed, instance.host.name).kind === 'up' ? 1 + ledBy(instance, observed) : 0;
  return instances
    .map((instance, position) => ({ instance, position, cost: cost(instance) }))
    .sort((a, b) => a.cost - b.cost || a.position - b.position)
    .map(({ instance }) => instance);
};

/**
 * Waits until the others can do without this member (each quorum has one more, each mirrored queue another complete
 * copy), then sends its clients to them. A start ends the draining.
 */
export function leaveSteps(instance: RabbitmqInstance, observed: ObservedState): readonly ScriptStep[] {
  const { host, members } = instance;
  if (viewOf(observed, host.name).kind !== 'up' || members.length < 2) return [];
  const mirrors =
    host.platform.rabbitmq.mirroring === 'ha-mode'
      ? 'rabbitmq-upgrade --timeout 120 await_online_synchronized_mirror\n'
      : '';
  return [
    {
      host: host.name,
      title: 'drain RabbitMQ',
      timeoutSeconds: 300,
      script: `set -eu
systemctl -q is-active ${unit} || exit 0
rabbitmq-upgrade --timeout 120 await_online_quorum_plus_one
${mirrors}rabbitmq-upgrade --timeout 60 drain
`,
    },
  ];
}

/** A member that was drained and not restarted takes clients again; for one that was, this changes nothing. */
export const joinSteps = ({ host }: RabbitmqInstance): readonly ScriptStep[] => [
  {
    host: host.name,
    title: 'RabbitMQ is back in the cluster',
    timeoutSeconds: 420,
    script: `set -eu
# It may have been told to start a moment ago.
for try in $(seq 120); do
  systemctl is-active --quiet ${unit} && break
  sleep 1
done
rabbitmqctl --quiet await_startup --timeout 300
rabbitmq-upgrade --timeout 60 revive
`,
  },
];

/** "RabbitMQ 2 of 3": what is left while `instance` changes. */
export function capacityOf(instance: RabbitmqInstance, observed: ObservedState): string {
  const { host, members } = instance;
  const others = members.filter(
    ({ name }) => name !== host.name && viewOf(observed, name).kind === 'up',
  ).length;
  return `RabbitMQ ${others} of ${members.length}`;
}

/** How many notification queues the member leads. */
export function ledBy({ host, members }: RabbitmqInstance, observed: ObservedState): number {
  const view = firstView(
    observed,
    members.map(({ name }) => name),
  );
  return view?.notificationQueues.filter(({ node }) => node === nodeName(host)).length ?? 0;
}
