import type { ObservedState } from '../../model/observed.ts';
import { removeMark, restMark, setMark } from '../../resources/index.ts';
import { files, ports, type RabbitmqInstance, serviceName } from './names.ts';
import { ledBy } from './rolling.ts';
import { viewOf } from './view.ts';

const mark = restMark(serviceName);

/** Each start ends the draining: with the mark, clients are turned away from then on until it is drained again. */
export const markScript = (): string => `${setMark(mark)}${tell('close')}`;

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

const tell = (verb: 'close' | 'open'): string =>
  `[ ! -x ${files.rest} ] || ${files.rest} ${verb} ${ports.amqp}
`;
