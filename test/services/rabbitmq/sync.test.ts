import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { resourcesOf } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, secretsNamed } from '../../support/topology.ts';

const settings = rabbitmq.settings.parse({});
const secrets = secretsNamed(...(rabbitmq.secrets?.(settings) ?? []).map(({ name }) => name));

/** As RabbitMQ 3.10 lists them: one complete, one whose copy lacks messages, one that needs no copy. */
const listed = [
  'notifications.info\t[<rabbit@ctl02.1.2.0>]\t[<rabbit@ctl02.1.2.0>]',
  'notifications.error\t[<rabbit@ctl02.1.3.0>]\t[]',
  'conductor\t\t',
].join('\n');

test('copies that RabbitMQ left incomplete are completed, and nothing else is touched', async () => {
  const [instance] = instancesFor('rabbitmq', settings, fiveHosts().slice(0, 3));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(rabbitmq, instance, aTopology({ secrets }));
  const program = resources.find(
    (resource) => resource.kind === 'file' && resource.path === '/usr/lib/mcp/rabbitmq-sync',
  );
  const folder = mkdtempSync(join(tmpdir(), 'mcp-'));
  writeFileSync(join(folder, 'listed'), `${listed}\n`);
  writeFileSync(
    join(folder, 'rabbitmqctl'),
    `#!/bin/sh\ncase "$*" in *list_queues*"-p openstack "*) cat '${folder}/listed' ;; *sync_queue*) echo "$*" >>'${folder}/done' ;; esac\n`,
    { mode: 0o755 },
  );
  execFileSync('sh', ['-c', program?.kind === 'file' ? program.content : 'exit 1'], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
  });
  expect(readFileSync(join(folder, 'done'), 'utf8')).toBe(
    '--quiet --timeout 60 sync_queue -p openstack notifications.error\n',
  );
});
