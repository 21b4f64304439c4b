import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { Fault } from '../../../src/model/fault.ts';
import { programWith } from '../../../src/model/shell-program.ts';

import { withHeldUnits } from '../../../src/resources/index.ts';
import beginAgainText from '../../../src/services/galera/begin-again.sh';
import fillDiskText from '../../../src/services/galera/fill-disk.sh';
import freeDiskText from '../../../src/services/galera/free-disk.sh';
import { galera } from '../../../src/services/galera/index.ts';
import { type LocalHost, localHost } from '../../execute/local-host.ts';
import { instances, observedWith, topology } from './members.ts';

const faults = galera.faults?.(instances, topology) ?? [];
const named = (name: string): Fault => {
  const fault = faults.find((each) => each.name === name);
  if (!fault) throw new Error(`no fault ${name}`);
  return fault;
};
const nobody = observedWith({});

test('what befalls all members or all hosts is done only when named', () => {
  const unasked = faults.filter(({ onlyByName }) => onlyByName !== true).map(({ name }) => name);
  expect(unasked).toEqual(['galera-writer-killed', 'galera-writer-frozen']);
});

test('hosts are stopped in the order of the inventory, and lose their power together', () => {
  const strikes = Object.fromEntries(
    ['galera-all-stopped', 'database-hosts-power-cut', 'everything-power-cut', 'everything-shut-down'].map(
      (name) => {
        const strike = named(name).strike(nobody);
        return [name, [strike?.falls, ...(strike?.blows.map(({ host }) => host) ?? [])].join(' ')];
      },
    ),
  );
  expect(strikes).toEqual({
    'galera-all-stopped': 'in-turn ctl01 ctl02 ctl03',
    'database-hosts-power-cut': 'at-once ctl01 ctl02 ctl03',
    'everything-power-cut': 'at-once ctl01 ctl02 ctl03 prx01 prx02',
    'everything-shut-down': 'in-turn ctl01 ctl02 ctl03 prx01 prx02',
  });
});

test('every fault is of the kind that its blows are', () => {
  for (const fault of faults)
    for (const { act } of fault.strike(nobody)?.blows ?? []) expect(act.kind).toBe(fault.kind);
});

test('clients get as long as the hosts need to boot, for what all of them carry', () => {
  expect(named('everything-power-cut').budgets).toEqual({
    vip: 210_000,
    page: 210_000,
    sql: 210_000,
    amqp: 210_000,
  });
  expect(named('galera-all-stopped').budgets).toMatchObject({ sql: 240_000, vip: 1000 });
});

/** A member whose unit is in a state, with what it wrote down when it stopped. */
function aMember(state: string, grastate: string): LocalHost {
  const host = localHost();
  host.write('state', state);
  host.write('grastate.dat', grastate);
  host.program(
    'systemctl',
    `#!/bin/sh
case $1 in
  show) cat "$LAB/state" ;;
  stop) echo "stop" >>"$LAB/acts"; echo inactive >"$LAB/state" ;;
  start) echo "start" >>"$LAB/acts" ;;
esac
`,
  );
  host.program('galera_new_cluster', '#!/bin/sh\necho begin >>"$LAB/acts"\n');
  return host;
}

const beginAgain = async (host: LocalHost, others: { words?: string[]; port?: number } = {}) => {
  const values = { data: host.root, unit: 'mariadb.service', agent_port: others.port ?? 1 };
  const script = programWith(withHeldUnits(beginAgainText), { values, words: others.words ?? [] });
  const { exitCode } = await (await host.fleet.connect('ctl01')).run(script);
  expect(exitCode).toBe(0);
  return host.acts();
};

test.each([
  ['one that runs is left alone', 'active', 'safe_to_bootstrap: 1\n', []],
  ['whoever left last begins', 'inactive', 'seqno: 12\nsafe_to_bootstrap: 1\n', ['begin']],
  ['whoever did not joins', 'inactive', 'seqno: 12\nsafe_to_bootstrap: 0\n', ['start']],
  ['one that waits since it booted goes on waiting', 'activating', 'safe_to_bootstrap: 0\n', []],
  [
    'one that waits and left last waits no longer',
    'activating',
    'safe_to_bootstrap: 1\n',
    ['stop', 'stop', 'begin'],
  ],
])('after an orderly stop of all: %s', async (_title, state, grastate, acts) => {
  await using host = aMember(state, grastate);
  expect(await beginAgain(host)).toEqual(acts);
});

test('one that left last joins where another serves already', async () => {
  await using host = aMember('inactive', 'safe_to_bootstrap: 1\n');
  const agent = createServer((_request, reply) => reply.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => agent.once('listening', resolve));
  const address = agent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await beginAgain(host, { words: ['127.0.0.1'], port })).toEqual(['start']);
  agent.close();
  agent.closeAllConnections();
});

test('a disk that is the host’s root is not filled', async () => {
  await using host = localHost();
  const values = { data: host.root, filler: `${host.root}/filler` };
  const connection = await host.fleet.connect('ctl01');
  host.program('mountpoint', '#!/bin/sh\nexit 1\n');
  expect(await connection.run(programWith(fillDiskText, { values }))).toMatchObject({
    exitCode: 1,
    stderr: `${host.root} is no file system of its own: filling it would fill the root of this host\n`,
  });
  expect(host.exists('filler')).toBe(false);
});

test('what filled a disk is taken away again, also twice', async () => {
  await using host = localHost();
  const values = { data: host.root, filler: `${host.root}/filler` };
  const connection = await host.fleet.connect('ctl01');
  for (const part of ['filler', 'filler.rest', 'filler.last', 'ibdata1']) host.write(part, 'x');
  for (const _ of [1, 2])
    expect(await connection.run(programWith(freeDiskText, { values }))).toMatchObject({ exitCode: 0 });
  expect(['filler', 'filler.rest', 'filler.last', 'ibdata1'].map(host.exists)).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
