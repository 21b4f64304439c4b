import type { ObservedState } from '../../model/observed.ts';
import { removeMark, restMark, setMark } from '../../resources/index.ts';
import { files, ports, type RabbitmqInstance, serviceName, unit } from './names.ts';
import { ledBy } from './rolling.ts';
import { viewOf } from './view.ts';

const mark = restMark(serviceName);

/** Each start ends the draining: with the mark, clients are turned away from then on until it is drained again. */
export const markScript = ({ host }: RabbitmqInstance): string =>
  `${setMark(mark)}${tell('close')}${host.platform.rabbitmq.mirroring === 'ha-mode' ? handQueuesOver : ''}`;

/** Clients are let in as far as the host goes; the member itself takes them once it is revived. */
export const unmarkScript = (): string => `${removeMark(mark)}${tell('open')}`;

/** What clients or the other members would miss. A member that is drained answers nobody. */
export function carriedBy(instance: RabbitmqInstance, observed: ObservedState): readonly string[] {
  const led = ledBy(instance, observed);
  return [
    ...(viewOf(observed, instance.host.name).kind === 'up' ? ['takes clients of RabbitMQ'] : []),
    ...(led > 0 ? [`leads ${led} notification queues`] : []),
  ];
}

/**
 * Draining moves the leaders of quorum queues and, in RabbitMQ 3.10, leaves those of mirrored ones where they are; what
 * moves them is there all the same. Whoever publishes would else wait for a member that has lost power.
 */
const handQueuesOver = `candidates='rabbit_maintenance:primary_replica_transfer_candidate_nodes()'
! systemctl is-active --quiet ${unit} || rabbitmqctl --quiet --timeout 60 eval \\
  "rabbit_maintenance:transfer_leadership_of_classic_mirrored_queues($candidates)." >/dev/null
`;

const tell = (verb: 'close' | 'open'): string =>
  `[ ! -x ${files.rest} ] || ${files.rest} ${verb} ${ports.amqp}
`;
