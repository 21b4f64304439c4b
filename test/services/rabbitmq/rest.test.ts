import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marksDirectory } from '../../../src/resources/index.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { type LocalHost, localHost } from '../../execute/local-host.ts';
import { root } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const program = readFileSync(`${root}/templates/rabbitmq/rabbitmq-rest.sh`, 'utf8');

/** A host whose marks lie in a folder of its own; `nft` and `rabbitmq-upgrade` only say what they were asked. */
function aMember(): LocalHost {
  const host = localHost();
  mkdirSync(join(host.root, 'marks'));
  for (const name of ['nft', 'rabbitmq-upgrade']) {
    host.program(name, `#!/bin/sh\n[ "$1" != -f ] || cat >"$LAB/rules"\necho "${name} $*" >>"$LAB/acts"\n`);
  }
  return host;
}

const around = (host: LocalHost, verb: string) =>
  execFileSync(
    'sh',
    ['-c', program.replaceAll(marksDirectory, join(host.root, 'marks')), 'rest', verb, '5672'],
    {
      env: host.environment,
    },
  );

test('a member that starts on a host in maintenance turns clients away, is drained, and stays closed', async () => {
  await using host = aMember();
  host.write('marks/rabbitmq', '1\n');
  around(host, 'close');
  around(host, 'drain');
  expect(host.acts()).toEqual([
    'nft delete table inet mcp_rabbitmq',
    'nft -f -',
    'rabbitmq-upgrade --timeout 120 drain',
  ]);
  expect(host.read('rules')).toMatch(/tcp dport 5672 .* reject with tcp reset/);
});

test('a member that starts anywhere else takes clients', async () => {
  await using host = aMember();
  around(host, 'close');
  around(host, 'drain');
  expect(host.acts()).toEqual(['nft delete table inet mcp_rabbitmq']);
});

test('the mark is there when it is said to be, and gone when the host comes back', async () => {
  await using host = aMember();
  const [instance] = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts().slice(0, 3));
  if (!instance || !rabbitmq.rest) throw new Error('no instance');
  const run = (script: string) =>
    execFileSync('sh', ['-c', script.replaceAll(marksDirectory, join(host.root, 'marks'))], {
      env: host.environment,
    });
  run(rabbitmq.rest.mark(instance));
  run(rabbitmq.rest.mark(instance));
  expect(host.exists('marks/rabbitmq')).toBe(true);
  run(rabbitmq.rest.unmark(instance));
  run(rabbitmq.rest.unmark(instance));
  expect(host.exists('marks/rabbitmq')).toBe(false);
});

test('a drained member that leads nothing carries nothing', () => {
  const members = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts().slice(0, 3));
  const healthy = reply('healthy').replaceAll(/"node":"rabbit@ctl0\d"/g, '"node":"rabbit@ctl01"');
  const carried = (printed: Readonly<Record<string, string>>) =>
    members.map((member) => rabbitmq.carries?.(member, aTopology(), observedWith(printed)));
  const [first, , third] = carried({ ctl01: healthy, ctl02: healthy, ctl03: '' });
  expect(third).toEqual([]);
  expect(first?.[0]).toBe('takes clients of RabbitMQ');
  expect(first?.[1]).toMatch(/^leads \d+ notification queues$/);
});
