import { type Act, type Fault, strikeOn } from '../../model/fault.ts';
import type { ObservedState } from '../../model/observed.ts';
import { type RabbitmqInstance, unit } from './names.ts';
import { ledBy } from './rolling.ts';
import { viewOf } from './view.ts';

export const faultsOf = (instances: readonly RabbitmqInstance[]): readonly Fault[] => [
  {
    name: 'rabbitmq-node-stopped',
    title: 'stop of the RabbitMQ node that leads the most notification queues',
    kind: 'script',
    strike: (observed) => strikeOn(busiestOf(instances, observed), stopNode),
    lastsSeconds: 20,
    budgets: { amqp: 3000 },
    secondBudgetMilliseconds: 1500,
  },
];

const busiestOf = (instances: readonly RabbitmqInstance[], observed: ObservedState): string | undefined =>
  instances
    .filter(({ host }) => viewOf(observed, host.name).kind === 'up')
    .map((instance) => ({ host: instance.host.name, led: ledBy(instance, observed) }))
    .sort((a, b) => b.led - a.led)[0]?.host;

const stopNode: Act = {
  kind: 'script',
  break: `systemctl stop ${unit}\n`,
  heal: `systemctl reset-failed ${unit} 2>/dev/null || :\nsystemctl start ${unit}\n`,
};
