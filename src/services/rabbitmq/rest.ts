import type { ObservedState } from '../../model/observed.ts';
import { restOf } from '../../resources/index.ts';
import { type RabbitmqInstance, serviceName, unit } from './names.ts';
import { ledBy } from './rolling.ts';
import { viewOf } from './view.ts';

/** What stops, and does not start, on a host in maintenance. */
export const restingMember = { service: serviceName, units: [unit] } as const;
const member = restOf(restingMember);

/**
 * Draining moves the leaders of quorum queues and, in RabbitMQ 3.10, leaves those of mirrored ones where they are; what
 * moves them is there all the same. Then the member stops: whoever publishes would else wait for the copy of one that has
 * lost power.
 */
export const markScript = ({ host }: RabbitmqInstance): string =>
  `${host.platform.rabbitmq.mirroring === 'ha-mode' ? handQueuesOver : ''}${member.mark()}`;

export const unmarkScript = (): string => member.unmark();

/** What clients or the other members would miss. */
export function carriedBy(instance: RabbitmqInstance, observed: ObservedState): readonly string[] {
  const led = ledBy(instance, observed);
  return [
    ...(viewOf(observed, instance.host.name).kind === 'up' ? ['takes clients of RabbitMQ'] : []),
    ...(led > 0 ? [`leads ${led} notification queues`] : []),
  ];
}

const handQueuesOver = `candidates='rabbit_maintenance:primary_replica_transfer_candidate_nodes()'
! systemctl is-active --quiet ${unit} || rabbitmqctl --quiet --timeout 60 eval \\
  "rabbit_maintenance:transfer_leadership_of_classic_mirrored_queues($candidates)." >/dev/null || exit
`;
