import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { localHost } from '../../execute/local-host.ts';
import { root } from '../../support/golden.ts';

const program = join(root, 'templates/rabbitmq/rabbitmq-admission.sh');

interface Situation {
  /** Members of the cluster that ctl02 runs in; undefined: it does not run either. */
  readonly members?: readonly string[];
  readonly givenUp?: boolean;
  readonly hasData: boolean;
  /** How often systemd has tried in vain. */
  readonly restarts?: number;
  readonly forgetting?: 'works' | 'fails';
}

/** What ctl03 does before it starts, where ctl01 does not answer. */
async function admitted({
  members,
  givenUp = false,
  hasData,
  restarts = 0,
  forgetting = 'works',
}: Situation) {
  await using host = localHost();
  const folder = join(host.root, 'rabbit@ctl03');
  mkdirSync(folder);
  if (hasData) writeFileSync(join(folder, 'schema.DAT'), 'queues');
  const asked = join(host.root, 'asked');
  const status = JSON.stringify({ disk_nodes: members?.map((name) => `rabbit@${name}`) });
  host.program('systemctl', `#!/bin/sh\necho ${restarts}\n`);
  host.program('rabbitmq-queues', '#!/bin/sh\nexit 0\n');
  host.program(
    'rabbitmqctl',
    `#!/bin/sh
echo "$*" >>'${asked}'
case "$*" in
  *rabbit@ctl01*) exit 69 ;;
  *cluster_status*) ${members === undefined ? 'exit 69' : `echo '${status}'`} ;;
  *list_global_parameters*) ${givenUp ? 'echo "mcp_given_up_rabbit@ctl03	true"' : ':'} ;;
  *forget_cluster_node*) ${forgetting === 'works' ? ':' : 'exit 70'} ;;
esac
`,
  );
  const words = ['rabbitmq-server.service', folder, 'rabbit@ctl03', 'rabbit@ctl01', 'rabbit@ctl02'];
  const isAdmitted = await promisify(execFile)('sh', [program, ...words], {
    env: { ...process.env, ...host.environment },
  }).then(
    () => true,
    () => false,
  );
  const said = existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : [];
  return {
    isAdmitted,
    asked: said.length,
    forgotten: said.filter((line) => line.includes('forget_cluster_node')),
    keepsData: existsSync(join(folder, 'schema.DAT')),
    putAside: existsSync(`${folder}.aside.1/schema.DAT`),
  };
}

test('a member with data that starts as ever asks nobody: that would take seconds', async () => {
  expect(await admitted({ members: ['ctl01', 'ctl02', 'ctl03'], hasData: true })).toMatchObject({
    ...{ isAdmitted: true, asked: 0, keepsData: true },
  });
});

test('a blank machine under the name of a lost member has that forgotten, or does not start', async () => {
  const members = ['ctl01', 'ctl02', 'ctl03'];
  expect(await admitted({ members, hasData: false })).toMatchObject({
    isAdmitted: true,
    forgotten: ['--quiet --node rabbit@ctl02 --timeout 60 forget_cluster_node rabbit@ctl03'],
  });
  expect(await admitted({ members, hasData: false, forgetting: 'fails' })).toMatchObject({
    isAdmitted: false,
  });
});

test('a new member, and the first of all, have nobody forgotten', async () => {
  expect(await admitted({ members: ['ctl01', 'ctl02'], hasData: false })).toMatchObject({
    ...{ isAdmitted: true, forgotten: [] },
  });
  expect(await admitted({ hasData: false })).toMatchObject({ isAdmitted: true, forgotten: [] });
});

test('what a member has that was given up while it was away is put aside; of one that nobody gave up it is left alone', async () => {
  const members = ['ctl01', 'ctl02'];
  expect(await admitted({ members, givenUp: true, hasData: true, restarts: 1 })).toMatchObject({
    ...{ isAdmitted: true, keepsData: false, putAside: true },
  });
  expect(await admitted({ members, hasData: true, restarts: 1 })).toMatchObject({
    ...{ isAdmitted: true, keepsData: true, putAside: false },
  });
  const belongs = ['ctl01', 'ctl02', 'ctl03'];
  expect(await admitted({ members: belongs, givenUp: true, hasData: true, restarts: 1 })).toMatchObject({
    ...{ isAdmitted: true, keepsData: true, putAside: false },
  });
});
