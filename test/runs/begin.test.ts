import { execFileSync } from 'node:child_process';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startPolicyValues } from '../../src/execute/install-packages.ts';
import startPolicyText from '../../src/execute/start-policy.sh';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { programWith } from '../../src/model/shell-program.ts';
import { deploy } from '../execute/alpha.ts';
import { localHost } from '../execute/local-host.ts';

test('a host that went over to another cloud after it was looked at is left as it is', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const onEvent = ({ type }: ExecutionEvent) => {
    if (type === 'lock-acquired') host.write('state/cloud', 'elsewhere\n');
  };
  const { failure } = await deploy(host, { value: '2' }, { onEvent });
  expect(failure).toMatchObject({
    code: 'foreign-host',
    message: 'ctl01 belongs to the cloud elsewhere, not to lab',
  });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
});

test('a plan from before others changed who belongs is stale, and nothing was changed', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  host.write('state/members', '{"generation":4,"members":[],"forgotten":[]}\n');
  const { failure } = await deploy(host, { value: '2' }, { recorded: 3 });
  expect(failure?.code).toBe('stale-plan');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect((await deploy(host, { value: '2' }, { recorded: 4 })).failure).toBeUndefined();
});

test('files that do not arrive whole are put nowhere', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  // What takes them out of the stream, and nothing else, is called with two words.
  host.program('head', '#!/bin/sh\n[ $# != 2 ] || [ "$1" != -c ] || set -- -c 3\nexec /usr/bin/head "$@"\n');
  const { failure } = await deploy(host, { value: '2' });
  expect(failure).toMatchObject({
    code: 'command-failed',
    message: expect.stringContaining("can't be staged"),
  });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
});

test('a policy by which a killed run kept daemons from being started is taken away, and the one before it is back', async () => {
  await using host = localHost();
  const policy = join(host.root, 'policy-rc.d');
  host.write('policy-rc.d.before-mcp', 'exit 104\n');
  symlinkSync(join(host.root, 'run/mcp-policy-rc.d'), policy);
  host.write('run/mcp-policy-rc.d', 'exit 101\n');
  await deploy(host, { value: '1' });
  expect(host.read('policy-rc.d')).toBe('exit 104\n');
});

test('the same of a policy of today, that of a host whose install step was killed', async () => {
  await using host = localHost();
  host.write('policy-rc.d', 'exit 104\n');
  execFileSync('sh', [
    '-c',
    programWith(`${startPolicyText}place_policy`, { values: startPolicyValues(host.paths) }),
  ]);
  expect(host.read('policy-rc.d')).toContain('exit 101');
  await deploy(host, { value: '1' });
  expect(host.read('policy-rc.d')).toBe('exit 104\n');
  expect(readdirSync(host.root).filter((name) => name.startsWith('policy-rc.d.'))).toEqual([]);
  expect(host.exists('run/mcp-policy-rc.d')).toBe(false);
});
