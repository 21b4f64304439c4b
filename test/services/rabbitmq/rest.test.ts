import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marksDirectory } from '../../../src/resources/index.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { type LocalHost, localHost } from '../../execute/local-host.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const members = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts().slice(0, 3));

/** A host whose marks lie in a folder of its own and whose broker runs; `rabbitmqctl` only says what it was asked. */
function aMember(): LocalHost {
  const host = localHost();
  mkdirSync(join(host.root, 'marks'));
  host.write('units/rabbitmq-server.service', 'active\n');
  host.program('rabbitmqctl', '#!/bin/sh\necho "rabbitmqctl $*" >>"$LAB/acts"\n');
  return host;
}

function rest(host: LocalHost, verb: 'mark' | 'unmark'): void {
  const [instance] = members;
  if (!instance || !rabbitmq.rest) throw new Error('no instance');
  const script = rabbitmq.rest[verb](instance).replaceAll(marksDirectory, join(host.root, 'marks'));
  execFileSync('sh', ['-c', script], { env: host.environment });
}

test('a member that goes to rest hands its mirrored queues over, and only then stops', async () => {
  await using host = aMember();
  rest(host, 'mark');
  expect(host.acts()).toEqual([
    expect.stringContaining('transfer_leadership_of_classic_mirrored_queues'),
    'stop rabbitmq-server.service',
  ]);
  expect(host.exists('marks/rabbitmq')).toBe(true);
  // Once more: it runs no longer, and has no queue to hand over.
  rest(host, 'mark');
  expect(host.acts().filter((act) => act.startsWith('rabbitmqctl'))).toHaveLength(1);
});

test('a member that comes back has no mark left and is told to start, also when that is repeated', async () => {
  await using host = aMember();
  rest(host, 'mark');
  rest(host, 'unmark');
  rest(host, 'unmark');
  expect(host.exists('marks/rabbitmq')).toBe(false);
  expect(host.acts().at(-1)).toBe('start rabbitmq-server.service');
});

test('a member that leads nothing and answers nobody carries nothing', () => {
  const healthy = reply('healthy').replaceAll(/"node":"rabbit@ctl0\d"/g, '"node":"rabbit@ctl01"');
  const carried = (printed: Readonly<Record<string, string>>) =>
    members.map((member) => rabbitmq.carries?.(member, aTopology(), observedWith(printed)));
  const [first, , third] = carried({ ctl01: healthy, ctl02: healthy, ctl03: '' });
  expect(third).toEqual([]);
  expect(first?.[0]).toBe('takes clients of RabbitMQ');
  expect(first?.[1]).toMatch(/^leads \d+ notification queues$/);
});
