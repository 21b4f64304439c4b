import { isDeepStrictEqual } from 'node:util';
import type { Check, Finding } from '../../model/check.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Topology } from '../../model/topology.ts';
import { nodeName, type RabbitmqInstance, serviceName, unit } from './names.ts';
import { outageOf } from './outage.ts';
import { copiesWanted, policiesFor } from './policies.ts';
import { firstView, type ObservedQueue, viewOf } from './view.ts';

export const checksFor = (
  instances: readonly RabbitmqInstance[],
  topology: Pick<Topology, 'inventory'>,
): readonly Check[] => [
  check('members', 'every member runs, and sees all the others', (observed) =>
    instances.flatMap((instance) => judgeMember(instance, observed)),
  ),
  check('serves', 'the broker takes clients', (observed) => judgeServes(instances, observed)),
  check('strangers', 'nobody else is listed as a member', (observed) =>
    judgeStrangers(instances, topology, observed),
  ),
  check('partitions', 'no member is cut off from another', (observed) =>
    instances.flatMap(({ host }) => judgePartitions(host.name, observed)),
  ),
  check('alarms', 'memory and disk are sufficient', (observed) => judgeAlarms(instances, observed)),
  check('policies', 'notification queues are mirrored, and all are bounded', (observed) =>
    judgePolicies(instances, observed),
  ),
  check('mirrors', 'every notification queue has a second copy that is complete', (observed) =>
    judgeMirrors(instances, observed),
  ),
  check('guest', 'the account that RabbitMQ ships is gone', (observed) => judgeGuest(instances, observed)),
];

const check = (name: string, title: string, judge: Check['judge']): Check => ({
  name: `${serviceName}.${name}`,
  service: serviceName,
  title,
  judge,
});

const red = (hosts: readonly string[], message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts,
  message,
  ...(hint === undefined ? {} : { hint }),
});

function judgeMember({ host, members }: RabbitmqInstance, observed: ObservedState): readonly Finding[] {
  const view = viewOf(observed, host.name);
  switch (view.kind) {
    case 'unknown':
      return [red([host.name], 'RabbitMQ could not be asked in time')];
    case 'not-installed':
      return [red([host.name], 'RabbitMQ is not set up', 'Run mcp deploy.')];
    case 'down':
      if (view.isApart) return [standsApart(host.name)];
      return [red([host.name], downMessage(host.name, observed), 'See /var/log/rabbitmq on the host.')];
    case 'up': {
      const running = view.nodes.filter((node) => node.running).map(({ name }) => name);
      const unseen = members.filter((member) => !running.includes(nodeName(member)));
      if (unseen.length === 0) return [];
      return [red([host.name], `RabbitMQ does not see ${unseen.map(({ name }) => name).join(', ')} running`)];
    }
  }
}

const standsApart = (host: string): Finding =>
  red(
    [host],
    `RabbitMQ on ${host} stands apart, so that the others go on: the way between it and one of them is cut`,
    'Look at the network between the members; it comes back by itself.',
  );

function downMessage(host: string, observed: ObservedState): string {
  return reachable(observed, host)?.units.get(unit)?.activeState === 'active'
    ? 'RabbitMQ runs and takes nobody: it is drained, or paused since it does not see a majority'
    : 'RabbitMQ is down';
}

function judgeServes(instances: readonly RabbitmqInstance[], observed: ObservedState): readonly Finding[] {
  const views = instances.map(({ host }) => viewOf(observed, host.name));
  const isYetToCome = views.every(({ kind }) => kind === 'not-installed');
  if (isYetToCome || views.some(({ kind }) => kind === 'up')) return [];
  const outage = outageOf(instances, observed);
  return [
    {
      ...red(
        namesOf(instances),
        outage === undefined
          ? 'the message broker takes no clients: no RabbitMQ member is known to be up'
          : `the message broker takes no clients. ${outage.message}`,
        outage?.hint ?? 'Look at systemctl status rabbitmq-server and into /var/log/rabbitmq on its hosts.',
      ),
      outage: 'service',
    },
  ];
}

/** A member that is listed counts for the majority, whether it is there or not. */
function judgeStrangers(
  instances: readonly RabbitmqInstance[],
  { inventory }: Pick<Topology, 'inventory'>,
  observed: ObservedState,
): readonly Finding[] {
  const known = new Set(
    inventory.machines.flatMap(({ nodes }) => nodes.map(({ name }) => nodeName({ name }))),
  );
  const listed = firstView(observed, namesOf(instances))?.nodes ?? [];
  return listed
    .filter(({ name }) => !known.has(name))
    .map(({ name }) =>
      red([], `RabbitMQ still lists ${name}, which belongs to no host of the cloud`, 'Run mcp deploy.'),
    );
}

function judgePartitions(host: string, observed: ObservedState): readonly Finding[] {
  const view = viewOf(observed, host);
  if (view.kind !== 'up') return [];
  const cutOff = view.nodes.filter(({ partitions }) => partitions.length > 0).map(({ name }) => name);
  if (cutOff.length === 0) return [];
  // Whoever was in the majority all along keeps on record that others were away, until it is restarted.
  const isWhole = view.nodes.every(({ running }) => running);
  return [
    red(
      [host],
      `RabbitMQ is partitioned: ${cutOff.join(', ')}`,
      isWhole
        ? `All members see each other again; where this stays for minutes, \`systemctl restart ${unit}\` on ${cutOff.map(hostOf).join(', then on ')}.`
        : 'See whether the members reach each other.',
    ),
  ];
}

const hostOf = (node: string): string => node.slice(node.indexOf('@') + 1);

function judgeAlarms(instances: readonly RabbitmqInstance[], observed: ObservedState): readonly Finding[] {
  const nodes = firstView(observed, namesOf(instances))?.nodes ?? [];
  return instances.flatMap(({ host }) => {
    const node = nodes.find(({ name }) => name === nodeName(host));
    return [
      ...(node?.mem_alarm ? [red([host.name], 'RabbitMQ holds publishers back: its memory is full')] : []),
      ...(node?.disk_free_alarm
        ? [red([host.name], 'RabbitMQ holds publishers back: the disk is full')]
        : []),
    ];
  });
}

function judgePolicies(instances: readonly RabbitmqInstance[], observed: ObservedState): readonly Finding[] {
  const [first] = instances;
  const view = firstView(observed, namesOf(instances));
  if (!first || !view) return [];
  const wanted = policiesFor(first.settings, first.host.platform);
  const same = (a: { vhost: string; name: string }, b: { vhost: string; name: string }) =>
    a.vhost === b.vhost && a.name === b.name;
  const wrong = wanted.flatMap((policy) => {
    const found = view.policies.find((candidate) => same(candidate, policy));
    if (!found) return [red([], `policy ${policy.name} is missing in ${policy.vhost}`)];
    return isDeepStrictEqual({ ...found }, { ...policy })
      ? []
      : [red([], `policy ${policy.name} in ${policy.vhost} is not as deployed`)];
  });
  const foreign = view.policies
    .filter((policy) => !wanted.some((other) => same(other, policy)))
    .map(
      ({ name, vhost }): Finding => ({
        severity: 'warning',
        hosts: [],
        message: `policy ${name} in ${vhost} is not ours`,
        hint: `If nobody needs it: rabbitmqctl clear_policy -p ${vhost} ${name}`,
      }),
    );
  return [...wrong, ...foreign];
}

function judgeMirrors(instances: readonly RabbitmqInstance[], observed: ObservedState): readonly Finding[] {
  const view = firstView(observed, namesOf(instances));
  const [first] = instances;
  if (!first || !view || instances.length < 2) return [];
  return view.notificationQueues.flatMap((queue) => {
    if (queue.type !== 'quorum' && first.host.platform.rabbitmq.mirroring === 'quorum')
      return [uncopied(queue)];
    if (!isSafe(queue))
      return [red([], `queue ${queue.name} in ${queue.vhost} (${queue.state}) has no complete second copy`)];
    return isWhole(queue, instances.length) ? [] : [lacksCopies(queue, instances.length)];
  });
}

/** Whether every message of the queue is on two members that run. */
export const isSafe = ({ type, synchronised_slave_nodes, online }: ObservedQueue): boolean =>
  type === 'quorum' ? online.length >= 2 : synchronised_slave_nodes.length >= 1;

/** What a queue is, its first client decides, and nobody can change it. */
const uncopied = ({ vhost, name }: ObservedQueue): Finding =>
  red(
    [],
    `queue ${name} in ${vhost} is no quorum queue, so one member alone has its messages`,
    `Give whoever declares it the transport_url that [oslo_messaging_notifications] has on the cloud's hosts; then rabbitmqctl delete_queue -p ${vhost} ${name}`,
  );

/** A quorum queue of fewer than three goes on, and stands still with the next member that is lost. */
const isWhole = ({ type, members }: ObservedQueue, brokers: number): boolean =>
  type !== 'quorum' || members.length >= Math.min(copiesWanted, brokers);

const lacksCopies = ({ vhost, name, members }: ObservedQueue, brokers: number): Finding =>
  red(
    [],
    `queue ${name} in ${vhost} is on ${members.length} members of RabbitMQ instead of ${Math.min(copiesWanted, brokers)}`,
    'RabbitMQ makes the missing copy by itself within a minute, once all members run.',
  );

function judgeGuest(instances: readonly RabbitmqInstance[], observed: ObservedState): readonly Finding[] {
  return firstView(observed, namesOf(instances))?.guestWorks
    ? [red([], 'the guest account exists with its known password', 'Run rabbitmqctl delete_user guest.')]
    : [];
}

const namesOf = (instances: readonly RabbitmqInstance[]): readonly string[] =>
  instances.map(({ host }) => host.name);
