import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import type { Connect } from '../../src/model/transport.ts';
import { deploy } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';

const run = '20260101T000000Z-guarded';

/** What the host does by itself when its time is up. */
const fireGuard = (host: LocalHost) =>
  execFileSync('sh', ['-c', 'sh "$0"/revert-*.sh', join(host.root, 'state/runs', run)], {
    env: host.environment,
  });

test('a host that has undone a guarded change by the time that it is asked has the run halt as rolled back', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  const connectAfresh: Connect = (name, signal) => {
    fireGuard(host);
    return host.fleet.connectAfresh(name, signal);
  };
  const { failure, events } = await deploy(host, { value: '2', guarded: true }, { run, connectAfresh });
  expect(failure).toMatchObject({
    code: 'rolled-back',
    message: 'ctl01 did not let us in after the change and has put its old files back by itself',
  });
  expect(events.at(-1)?.type).toBe('rollout-halted');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect((await deploy(host, { value: '2', guarded: true })).failure).toBeUndefined();
});

test('what a host has undone is due again, and told from what was never there', async () => {
  await using host = localHost();
  const undone = async (value: string, name: string) => {
    const connectAfresh: Connect = (on, signal) => {
      execFileSync('sh', ['-c', 'sh "$0"/revert-*.sh', join(host.root, 'state/runs', name)], {
        env: host.environment,
      });
      return host.fleet.connectAfresh(on, signal);
    };
    return deploy(host, { value, guarded: true }, { run: name, connectAfresh });
  };
  expect((await undone('1', '20260101T000000Z-first')).failure?.code).toBe('rolled-back');
  expect(host.exists('state/units/alpha.service')).toBe(false);
  await deploy(host, { value: '1', guarded: true });
  const before = host.read('state/units/alpha.service');
  expect((await undone('2', '20260101T000000Z-later')).failure?.code).toBe('rolled-back');
  expect(host.read('state/units/alpha.service')).toBe(before);
  // Neither a second time.
  const acts = host.acts().length;
  execFileSync('sh', ['-c', 'sh "$0"/revert-*.sh', join(host.root, 'state/runs/20260101T000000Z-later')], {
    env: host.environment,
  });
  expect(host.acts()).toHaveLength(acts);
});

test('what was edited by hand, put right and undone is due again: what is in force is not what is on record', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  host.write('etc/alpha.conf', '# \nvalue edited\n');
  const connectAfresh: Connect = (name, signal) => {
    fireGuard(host);
    return host.fleet.connectAfresh(name, signal);
  };
  const wishes = { run, connectAfresh, overwriteDrift: true };
  expect((await deploy(host, { value: '1', guarded: true }, wishes)).failure?.code).toBe('rolled-back');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue edited\n');
  const acts = host.acts().length;
  expect((await deploy(host, { value: '1', guarded: true })).failure).toBeUndefined();
  expect(host.acts().slice(acts)).toEqual(['leave', 'restart alpha.service', 'join']);
});

test('a host that lets nobody in any more after a guarded change is left to undo it, and told as such', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  let tries = 0;
  const connectAfresh: Connect = async (name) => {
    tries += 1;
    throw new McpError('unreachable', `${name} does not answer`);
  };
  const { failure } = await deploy(
    host,
    { value: '2', guarded: true },
    { run, connectAfresh, secondsPerSecond: 100 },
  );
  expect(tries).toBeGreaterThan(1);
  expect(failure).toMatchObject({
    code: 'rolled-back',
    message: 'ctl01 did not let us in after the change; it puts its old files back by itself',
  });
});

test('a guard is called off over a connection of its own, and does not fire later', async () => {
  await using host = localHost();
  let asked = 0;
  const connectAfresh: Connect = (name, signal) => {
    asked += 1;
    return host.fleet.connectAfresh(name, signal);
  };
  const { failure } = await deploy(host, { value: '1', guarded: true }, { run, connectAfresh });
  // Once for the proof that it lets us in, once after the gate.
  expect([failure, asked]).toEqual([undefined, 2]);
  expect(host.leftovers()).toEqual([]);
});

test('an interrupted run does not stop while a guard is armed: its host would undo what was asked for', async () => {
  await using host = localHost();
  const stop = new AbortController();
  const { failure } = await deploy(
    host,
    { value: '1', guarded: true, second: 'beta.service' },
    {
      run,
      soft: stop.signal,
      onEvent: (event) =>
        event.type === 'step-finished' && event.title === 'start alpha.service' && stop.abort(),
    },
  );
  expect(failure?.code).toBe('interrupted');
  expect(host.acts()).toEqual(['start alpha.service', 'start beta.service']);
  expect(host.exists(`transient/mcp-${run}-revert-1.timer`)).toBe(false);
});

test('the undoing is armed before the new files are in place: after a power cut they would be in force', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  const armed: boolean[] = [];
  await deploy(
    host,
    { value: '2', guarded: true },
    {
      onEvent(event) {
        if (event.type === 'step-started' && event.title.startsWith('write '))
          armed.push(host.leftovers().some((name) => name.includes('-revert-')));
      },
    },
  );
  expect(armed).toEqual([true]);
});
