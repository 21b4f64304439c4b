import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { localHost } from '../../execute/local-host.ts';
import { resourcesOf, root } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, secretsNamed } from '../../support/topology.ts';

const settings = rabbitmq.settings.parse({});
const secrets = secretsNamed(...(rabbitmq.secrets?.(settings) ?? []).map(({ name }) => name));

const queue = (name: string, node: string, copies: readonly string[], complete: readonly string[]) => ({
  name,
  node,
  slave_nodes: copies,
  synchronised_slave_nodes: complete,
});
/** As the management API of RabbitMQ 3.10 lists them. */
const listed = [
  queue('notifications.info', 'rabbit@ctl01', ['rabbit@ctl02'], ['rabbit@ctl02']),
  queue('notifications.error', 'rabbit@ctl01', ['rabbit@ctl02'], []),
  queue('notifications.audit', 'rabbit@ctl02', ['rabbit@ctl03'], []),
  { name: 'conductor', node: 'rabbit@ctl01' },
];

test("copies that RabbitMQ left incomplete are completed by the queue's leader, and nothing else is touched", async () => {
  await using api = await managementApi(200);
  const { completed } = await run(api.port);
  expect(completed).toEqual(['--quiet --timeout 60 sync_queue -p openstack notifications.error']);
  expect(api.asked).toEqual(['/api/queues/openstack', '/api/queues/mcp_drill']);
});

test('an API that refuses is an error in the journal, and no reason to complete anything', async () => {
  await using api = await managementApi(401);
  const { completed, failure } = await run(api.port);
  expect(completed).toEqual([]);
  expect(failure).toContain('answers 401');
});

test('one that does not answer is an error in the journal, said in one line', async () => {
  const api = await managementApi(200);
  await api[Symbol.asyncDispose]();
  const { completed, failure } = await run(api.port);
  expect(completed).toEqual([]);
  expect(failure.trim()).toMatch(/^the management API at 127\.0\.0\.1 port \d+ does not answer: .*refused$/);
});

/** Runs the program with what ctl01 is told, against this API and a `rabbitmqctl` that only writes down its arguments. */
async function run(port: number): Promise<{ completed: readonly string[]; failure: string }> {
  await using host = localHost();
  host.write('login', '# whose\nmonitor:secret\n');
  host.program('rabbitmqctl', '#!/bin/sh\necho "$*" >>"$LAB/acts"\n');
  const config = {
    ...JSON.parse(await configForFirst()),
    address: '127.0.0.1',
    port,
    login_file: join(host.root, 'login'),
  };
  host.write('config.json', JSON.stringify(config));
  const failure = await promisify(execFile)(
    'python3',
    [`${root}templates/rabbitmq/rabbitmq-sync.py`, join(host.root, 'config.json')],
    { env: host.environment },
  ).then(
    () => '',
    (error) => String(error.stderr),
  );
  return { completed: host.acts(), failure };
}

async function configForFirst(): Promise<string> {
  const [instance] = instancesFor('rabbitmq', settings, fiveHosts().slice(0, 3));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(rabbitmq, instance, aTopology({ secrets }));
  const config = resources.find(
    (resource) => resource.kind === 'file' && resource.path === '/etc/mcp/rabbitmq-sync.json',
  );
  if (config?.kind !== 'file') throw new Error('no configuration');
  return config.content;
}

async function managementApi(status: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://api');
    asked.push(pathname);
    const isKnown = request.headers.authorization === `Basic ${btoa('monitor:secret')}`;
    response.writeHead(isKnown ? status : 403);
    response.end(JSON.stringify(pathname.endsWith('/openstack') ? listed : []));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
