import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Connect } from '../../src/model/transport.ts';
import { createRunReport, type Report } from '../../src/report/index.ts';
import { deploy } from '../execute/alpha.ts';
import { localHost } from '../execute/local-host.ts';

const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

/** What CI is told of these events. */
async function casesThatFailed(events: readonly ExecutionEvent[], failure: McpError | undefined) {
  const told: Report[] = [];
  const listener = createRunReport({ verb: 'deploy', by: 'me', from: 'here' }, async (report) => {
    told.push(report());
  });
  events.forEach(listener.emit);
  await listener.finish(failure);
  return told.flatMap(({ tests }) =>
    (tests?.suites ?? []).flatMap(({ name: suite, cases }) =>
      cases.flatMap(({ name, outcome }) =>
        outcome.kind === 'passed' ? [] : [`${suite}: ${name}: ${'text' in outcome ? outcome.text : ''}`],
      ),
    ),
  );
}

test.concurrent('a first deploy writes, starts and records; the next finds nothing to do', async () => {
  await using host = localHost();
  const first = await deploy(host, { value: '1' });
  expect(first.failure).toBeUndefined();
  expect(types(first.events).at(-1)).toBe('rollout-finished');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect(host.acts()).toEqual(['start alpha.service']);
  expect(host.read('state/cloud')).toBe(`${first.plan.cloud}\n`);
  expect((await deploy(host, { value: '1' })).plan.batches).toEqual([]);
});

test.concurrent('hosts are looked at for the plan, before a change, twice after it and twice at the end, no more', async () => {
  await using host = localHost();
  // After a first deploy once, since nobody depends on it yet.
  await deploy(host, { value: '1' });
  expect(host.looks()).toBe(5);
  // Nothing but a file: no gates but the last.
  await deploy(host, { value: '1', comment: 'explained' });
  expect(host.looks()).toBe(8);
  // Before it rejoins too: who takes over what is resolved at that moment, and of who leaves its gate has just seen that.
  await deploy(host, { value: '2' });
  expect(host.looks()).toBe(15);
});

test.concurrent('a changed comment is written and restarts nothing', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  await deploy(host, { value: '1', comment: 'explained' });
  expect(host.read('etc/alpha.conf')).toBe('# explained\nvalue 1\n');
  expect(host.acts()).toEqual(['start alpha.service']);
});

test.concurrent('a member leaves before it is restarted and rejoins after, and its file before is kept', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  await deploy(host, { value: '2' }, { run: '20260101T000000Z-second' });
  expect(host.acts()).toEqual(['start alpha.service', 'leave', 'restart alpha.service', 'join']);
  const before = `state/runs/20260101T000000Z-second/before${host.root}/etc/alpha.conf`;
  expect(host.read(before)).toBe('# \nvalue 1\n');
  expect(host.exists('state/units/left-alpha')).toBe(false);
});

test.concurrent('what a checker refuses is told in its words, and nothing is touched', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const { failure, events } = await deploy(host, { value: 'bad' });
  expect(failure).toMatchObject({ code: 'checker-refused', message: expect.stringContaining('value bad') });
  expect(types(events).at(-1)).toBe('rollout-halted');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect(host.acts()).toEqual(['start alpha.service']);
});

test.concurrent('a unit that does not start halts the run with its last words, and the next run takes it up', async () => {
  await using host = localHost();
  host.write('refuses/alpha.service', '');
  const { failure } = await deploy(host, { value: '1' });
  expect(failure).toMatchObject({
    code: 'command-failed',
    message: expect.stringContaining('its last words'),
  });
  await host.fleet.connect('ctl01').then((connection) => connection.run('rm "$LAB/refuses/alpha.service"'));
  expect((await deploy(host, { value: '1' })).failure).toBeUndefined();
  expect((await deploy(host, { value: '1' })).plan.batches).toEqual([]);
});

test.concurrent('a service that is not well after its change halts the run as degraded', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const { failure, events } = await deploy(host, { value: 'sick' });
  expect(failure).toMatchObject({ code: 'degraded', message: expect.stringContaining('alpha is sick') });
  // What --verbose and the reports show of it.
  expect(failure?.details.findings).toEqual([expect.stringContaining('alpha is sick')]);
  expect(await casesThatFailed(events, failure)).toEqual([
    expect.stringMatching(/^batch 1 of 1: .*: gate after: .*alpha is sick/s),
  ]);
});

test.concurrent("a task's first failing command ends it, and a task that exits early is recorded all the same", async () => {
  await using host = localHost();
  const { failure } = await deploy(host, { value: '1', task: 'set -e; false; echo task >>"$LAB/acts"' });
  expect(failure?.code).toBe('command-failed');
  expect((await deploy(host, { value: '1', task: 'exit 0' })).failure).toBeUndefined();
  expect((await deploy(host, { value: '1' })).plan.batches).toEqual([]);
  expect(host.acts()).toEqual(['start alpha.service']);
});

test.concurrent('a guarded change that fails is undone at once, and the next run sees it as due', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  host.write('refuses/alpha.service', '');
  const { failure } = await deploy(host, { value: '2', guarded: true });
  expect(failure?.code).toBe('rolled-back');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  await host.fleet.connect('ctl01').then((connection) => connection.run('rm "$LAB/refuses/alpha.service"'));
  expect((await deploy(host, { value: '2', guarded: true })).failure).toBeUndefined();
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 2\n');
  expect((await deploy(host, { value: '2', guarded: true })).plan.batches).toEqual([]);
});

test.concurrent('a guarded change with which the cloud is not well is undone, though its host lets us in', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  const { failure } = await deploy(host, { value: 'sick', guarded: true });
  expect(failure).toMatchObject({
    code: 'rolled-back',
    message: expect.stringMatching(/alpha is sick.*ctl01 has put its old files back/s),
  });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect(host.leftovers()).toEqual([]);
  // Whoever edits it now is noticed.
  const before = createHash('sha256').update('# \nvalue 1\n').digest('hex');
  expect(host.read('state/files')).toContain(`${before}  ${host.root}/etc/alpha.conf`);
  expect((await deploy(host, { value: '2', guarded: true })).failure).toBeUndefined();
  expect(host.leftovers()).toEqual([]);
  expect((await deploy(host, { value: '2', guarded: true })).plan.batches).toEqual([]);
});

test.concurrent('a host that has undone a change is drained before it is tried again, and is left alone with what it had', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  expect((await deploy(host, { value: 'sick', guarded: true })).failure?.code).toBe('rolled-back');
  const before = host.acts().length;
  expect((await deploy(host, { value: '1', guarded: true })).failure).toBeUndefined();
  expect(host.acts().slice(before)).toEqual([]);
  expect((await deploy(host, { value: '2', guarded: true })).failure).toBeUndefined();
  expect(host.acts().slice(before)).toEqual(['leave', 'restart alpha.service', 'join']);
});

test.concurrent('a task that was part of a change that was undone is done again, whatever is wanted', async () => {
  await using host = localHost();
  const task = 'echo task >>"$LAB/acts"';
  await deploy(host, { value: '1', guarded: true, task });
  await deploy(host, { value: 'sick', guarded: true, task });
  const before = host.acts().length;
  expect((await deploy(host, { value: '1', guarded: true, task })).failure).toBeUndefined();
  expect(host.acts().slice(before)).toEqual(['task']);
});

test.concurrent('a host that is not seen for a moment when it comes back is looked at again, and is marked as back', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  let missed = 0;
  let isGone = false;
  const connect: Connect = async (name, signal) => {
    if (!isGone || missed > 1) return host.fleet.connect(name, signal);
    missed += 1;
    throw new McpError('unreachable', `${name} does not answer`);
  };
  const { failure } = await deploy(
    { ...host, fleet: { ...host.fleet, connect } },
    { value: '2' },
    {
      onEvent(event) {
        if (event.type === 'step-finished' && event.title === 'restart alpha.service') isGone = true;
      },
    },
  );
  expect([failure, missed]).toEqual([undefined, 2]);
  expect(host.exists('state/units/left-alpha')).toBe(false);
});

test.concurrent('a change that is taken out again while a member is out leaves nothing but its file to do, and brings it back', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const stop = new AbortController();
  const { failure } = await deploy(
    host,
    { value: '2' },
    {
      soft: stop.signal,
      onEvent(event) {
        if (event.type === 'step-finished' && event.title.startsWith('write ')) stop.abort();
      },
    },
  );
  expect([failure?.code, host.acts().at(-1)]).toEqual(['interrupted', 'leave']);
  expect((await deploy(host, { value: '1' })).failure).toBeUndefined();
  expect(host.acts().at(-1)).toBe('join');
  expect(host.exists('state/units/left-alpha')).toBe(false);
});

test.concurrent('a plan that was made while a guard of an earlier run lived is not carried out, though that has ended by now', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const guard = 'transient/mcp-20250101T000000Z-early-revert-1.timer';
  host.write(guard, '1');
  let connections = 0;
  const connect: Connect = (name, signal) => {
    connections += 1;
    if (connections === 2) rmSync(join(host.root, guard));
    return host.fleet.connect(name, signal);
  };
  const { failure } = await deploy({ ...host, fleet: { ...host.fleet, connect } }, { value: '2' });
  expect(failure).toMatchObject({
    code: 'locked',
    message: 'ctl01 is still busy with mcp-20250101T000000Z-early-revert-1.timer, a step of an earlier run',
  });
  expect(host.acts()).toEqual(['start alpha.service']);
  rmSync(join(host.root, guard));
  expect((await deploy(host, { value: '2' })).failure).toBeUndefined();
});

test.concurrent('killed before a guarded change was confirmed, its host undoes it at its next boot', async () => {
  await using host = localHost();
  await deploy(host, { value: '1', guarded: true });
  const killed = deploy(
    host,
    { value: '2', guarded: true },
    {
      onEvent(event) {
        if (event.type === 'gate-passed' && event.when === 'after') throw new Error('killed');
      },
    },
  );
  await expect(killed).rejects.toThrow('killed');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 2\n');
  const [unit] = host.leftovers().filter((name) => name.endsWith('at-boot.service'));
  expect(unit).toBeDefined();
  const script = /^ExecStart=\/bin\/sh (.*)$/m.exec(host.read(`etc/systemd/${unit}`))?.[1];
  const power = host.leftovers().filter((name) => name.endsWith('-gate.timer'));
  await host.fleet
    .connect('ctl01')
    .then((connection) => connection.run(`systemctl stop ${power.join(' ')}; sh '${script}'`));
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect(host.leftovers().filter((name) => name.endsWith('at-boot.service'))).toEqual([]);
  expect((await deploy(host, { value: '2', guarded: true })).failure).toBeUndefined();
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 2\n');
});

test.concurrent('an interrupted run finishes its step and leaves the rest', async () => {
  await using host = localHost();
  const stop = new AbortController();
  const { failure } = await deploy(
    host,
    { value: '1' },
    { soft: stop.signal, onEvent: (event) => event.type === 'step-started' && stop.abort() },
  );
  expect(failure?.code).toBe('interrupted');
  expect(host.exists('etc/alpha.conf')).toBe(true);
  expect(host.acts()).toEqual([]);
});

test.concurrent('secrets do not come back in what a checker says', async () => {
  await using host = localHost();
  const secrets = new Map([['alpha.password', new Secret('correct-horse')]]);
  const { failure } = await deploy(host, { value: 'bad correct-horse', secrets });
  expect(failure?.message).toContain('value bad ***');
});

test.concurrent('a controller whose clock is years ahead or behind keeps the run that is running, and removes the oldest', async () => {
  await using host = localHost();
  const runs = ['20990101T000000Z-a', '20990102T000000Z-b', '20990103T000000Z-c', '20990104T000000Z-d'];
  for (const [index, run] of [...runs, '20990105T000000Z-e'].entries()) {
    expect((await deploy(host, { value: String(index) }, { run })).failure).toBeUndefined();
  }
  const behind = '19990101T000000Z-f';
  expect((await deploy(host, { value: 'more' }, { run: behind })).failure).toBeUndefined();
  expect(host.exists(`state/runs/${behind}/journal`)).toBe(true);
  expect(runs.map((run) => host.exists(`state/runs/${run}`))).toEqual([false, true, true, true]);
  // Whatever the count says, a run that is running is not over.
  const counted = await deploy(
    host,
    { value: 'last' },
    {
      run: 'counted-wrong',
      onEvent: ({ type }) => type === 'files-staged' && host.write('state/runs/counted-wrong/number', '0\n'),
    },
  );
  expect(counted.failure).toBeUndefined();
});

test.concurrent('a host that does not stop talking halts the run, told as halted, with what it was asked', async () => {
  await using host = localHost();
  const { failure, events } = await deploy(
    host,
    { value: '1' },
    {
      onEvent: ({ type }) => type === 'rollout-started' && host.program('sha256sum', '#!/bin/sh\nexec yes\n'),
    },
  );
  expect(failure).toMatchObject({
    code: 'reply-too-long',
    message: 'ctl01 said more than 16 MB, asked to stage its files',
  });
  expect(types(events).at(-1)).toBe('rollout-halted');
});

test.concurrent('a step that has failed is told as failed, although the operator has had enough', async () => {
  await using host = localHost();
  host.write('refuses/alpha.service', '');
  const stop = new AbortController();
  const { failure } = await deploy(
    host,
    { value: '1' },
    { hard: stop.signal, onEvent: ({ type }) => type === 'step-failed' && stop.abort() },
  );
  expect(failure?.code).toBe('command-failed');
});

// What these do at a certain moment must not come late: they run by themselves.
test('a connection that is lost in the middle of a step is taken up again', async () => {
  await using host = localHost();
  const { failure } = await deploy(
    host,
    { value: '1', task: 'sleep 0.4; echo task >>"$LAB/acts"' },
    {
      onEvent: (event) => {
        if (event.type === 'step-started' && event.title === 'prepare alpha') {
          setTimeout(() => host.fleet.cut('ctl01'), 150);
        }
      },
    },
  );
  expect(failure).toBeUndefined();
  expect(host.acts()).toEqual(['task', 'start alpha.service']);
});

test.each(['unreachable', 'login-refused'] as const)(
  'a host that is %s for a moment after the connection was lost, since it boots, is come back to',
  async (code) => {
    await using host = localHost();
    let isLost = false;
    let missed = 0;
    const connect: Connect = async (name, signal) => {
      if (!isLost || missed > 1) return host.fleet.connect(name, signal);
      missed += 1;
      throw new McpError(code, `${name} lets nobody in yet`);
    };
    const { failure } = await deploy(
      { ...host, fleet: { ...host.fleet, connect } },
      { value: '1', task: 'sleep 0.4; echo task >>"$LAB/acts"' },
      {
        onEvent: (event) => {
          if (event.type !== 'step-started' || event.title !== 'prepare alpha') return;
          setTimeout(() => {
            isLost = true;
            host.fleet.cut('ctl01');
          }, 150);
        },
      },
    );
    expect(failure).toBeUndefined();
    expect(missed).toBe(2);
    expect(host.acts()).toEqual(['task', 'start alpha.service']);
  },
);

test('a second run is refused while the first holds the lock, and is told who holds it', async () => {
  await using host = localHost();
  const slow = deploy(
    host,
    { value: '1', task: 'while [ ! -e "$LAB/go" ]; do sleep 0.05; done' },
    { run: '20260101T000000Z-first' },
  );
  await vi.waitFor(() => expect(host.exists('run/mcp-lock/lock')).toBe(true), { timeout: 30_000 });
  const { failure, events } = await deploy(host, { value: '2' });
  host.write('go', '');
  expect(events).toEqual([]);
  expect(failure).toMatchObject({
    code: 'locked',
    message: expect.stringMatching(/ctl01 is locked by run 20260101T000000Z-first by \S+@\S+ since 20/),
  });
  expect((await slow).failure).toBeUndefined();
});

test.concurrent('a plan that another run overtook, between the look at the hosts and the lock, is not carried out', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const before = host.read('state/asked');
  const { failure } = await deploy(
    host,
    { value: '2' },
    {
      onEvent: ({ type }) => {
        if (type === 'lock-acquired') host.write('state/asked', before.replace(/^\d+/, '99'));
      },
    },
  );
  expect(failure).toMatchObject({ code: 'stale-plan', message: expect.stringContaining('another run') });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 1\n');
  expect(host.acts()).toEqual(['start alpha.service']);
  // Planned anew it knows of that run.
  expect((await deploy(host, { value: '2' })).failure).toBeUndefined();
});
