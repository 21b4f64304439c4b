import { beforeAll, expect, test } from 'vitest';
import type { DesiredState } from '../../src/model/desired.ts';
import { McpError } from '../../src/model/failure.ts';
import { memberOf } from '../../src/model/membership.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import { planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { scriptedFleet } from '../../src/transport/index.ts';
import type { Cloud, Session } from '../../src/workflows/cloud.ts';
import { describeCloud } from '../../src/workflows/cloud.ts';
import { noRepository } from '../../src/workflows/repository.ts';
import { type PreparedRollback, rollBackCloud } from '../../src/workflows/rollback.ts';
import { wholeTopology } from '../support/openstack.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from '../support/simulated-hosts.ts';
import { fiveHosts } from '../support/topology.ts';

const account = {
  ...{ by: 'bob', from: 'ws2', since: '2026-01-01T10:00:00.000Z', changesMembers: false },
  ...{ verb: 'deploy', hosts: ['ctl01', 'ctl02'] },
};
const runLines = (number: number, run: string, more: object = {}) =>
  `run ${number} ${run}\nasked ${JSON.stringify({ ...account, run, ...more })}\n`;

const maintenance = { verb: 'maintenance enter', hosts: ['prx01'] };
const conf = '/etc/nova/nova.conf';
const earlierContent = '[DEFAULT]\nwhat = was\n';

/** What each host says of its runs; those that are not named have kept none. */
const usual: Readonly<Record<string, string>> = {
  ctl01: `${runLines(7, 'r7')}${runLines(8, 'r8')}`,
  ctl02: `${runLines(7, 'r7')}${runLines(8, 'r8')}`,
  prx01: runLines(9, 'r9', maintenance),
};

let cloud: Cloud;
let deployed: SimulatedHosts;
beforeAll(async () => {
  const topology = wholeTopology(fiveHosts());
  cloud = await describeCloud(topology);
  const fresh: SimulatedHosts = new Map(topology.hosts.map(({ name }) => [name, freshHost]));
  const membership = { recorded: undefined, all: topology };
  const { desired } = cloud;
  const observed = observe(fresh, desired);
  const plan = planChanges({ topology, services, desired, observed, membership, overwriteDrift: false });
  deployed = actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, desired), fresh);
});

/** A cloud on which run 8 has replaced nova.conf on two hosts. Resolves with how the rollback ended, and what it asked. */
async function rollBack(
  run: string,
  wanted: { told?: typeof usual; hosts?: SimulatedHosts; runningSteps?: readonly string[] } = {},
) {
  const { told = usual, hosts = deployed, runningSteps = [] } = wanted;
  const seen = (desired: DesiredState): ObservedState => ({
    hosts: new Map(
      [...observe(hosts, desired).hosts].map(([name, now]) => [
        name,
        now.kind === 'reachable' ? { ...now, runningSteps } : now,
      ]),
    ),
  });
  const asked: string[] = [];
  const shown: PreparedRollback[] = [];
  const fleet = scriptedFleet((host, script) => {
    const isEarlier = script.includes('most_bytes=');
    asked.push(`${host} ${isEarlier ? 'files' : 'runs'}`);
    if (told[host] === 'dead') throw new McpError('unreachable', `${host} does not answer`);
    const content = Buffer.from(earlierContent).toString('base64');
    const stdout = isEarlier
      ? `ours other 640 root nova ${conf}\ncontent ${content}\nend\n`
      : `${told[host] ?? ''}end\n`;
    return { exitCode: 0, stdout, stderr: '' };
  });
  const session: Session = {
    ...{ cloud, repository: noRepository, connect: fleet.connect, connectAfresh: fleet.connectAfresh },
    observe: async () => seen(cloud.desired),
    observeOthers: async ({ desired }) => seen(desired),
    admit: () => undefined,
    health: () => Promise.reject(new Error('not asked for here')),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
  const never = new AbortController().signal;
  const outcome = await rollBackCloud(session, {
    ...{ run, emit: () => undefined, signals: { soft: never, hard: never } },
    async confirm(prepared) {
      shown.push(prepared);
      return false;
    },
  }).catch((failure: unknown) => failure);
  return { outcome, asked, shown };
}

test('a rollback shows the runs that it takes back and a plan of their files alone, and is not done unasked', async () => {
  const { outcome, asked, shown } = await rollBack('r8');
  expect(outcome).toMatchObject({ code: 'not-confirmed' });
  expect(shown[0]?.undone.map(({ run }) => run)).toEqual(['r8', 'r9']);
  expect(shown[0]?.plan.changes.map(({ host, path, action }) => `${host} ${path} ${action}`)).toEqual([
    `ctl01 ${conf} update`,
    `ctl02 ${conf} update`,
  ]);
  expect(JSON.stringify(shown[0]?.plan)).not.toContain('what = was');
  // One look at each host's runs, and one at the files of those that have any to bring back.
  expect(asked.toSorted()).toEqual([
    ...['ctl01 files', 'ctl01 runs', 'ctl02 files', 'ctl02 runs', 'ctl03 runs'],
    ...['prx01 runs', 'prx02 runs'],
  ]);
});

test('an unknown run is a mistake in the arguments, and those that are known are named', async () => {
  expect((await rollBack('r5')).outcome).toMatchObject({
    code: 'invalid-arguments',
    details: { hint: 'name one of r7, r8, r9' },
  });
  // The command is to be repeated when it was cut off; the last run is another one then.
  expect((await rollBack('last')).outcome).toMatchObject({ code: 'invalid-arguments' });
});

test('a run that changes no files has nothing to take back, and says where to look', async () => {
  expect((await rollBack('r9')).outcome).toMatchObject({
    code: 'no-way-back',
    message:
      "run r9 can't be taken back:\nit was `mcp maintenance enter`, which changes no files: there is nothing to take back",
  });
});

test('a member of the run that does not answer is in the way', async () => {
  expect((await rollBack('r8', { told: { ...usual, ctl02: 'dead' } })).outcome).toMatchObject({
    code: 'no-way-back',
    message: "run r8 can't be taken back:\nctl02, which took part in r8, does not answer",
  });
});

test('an inventory that changes who belongs is deployed first, or not at all', async () => {
  const [first, ...others] = cloud.topology.hosts;
  const members = others.map(memberOf);
  const recorded = { generation: 9, members, forgotten: [] };
  const hosts = new Map([...deployed].map(([name, host]) => [name, { ...host, membership: recorded }]));
  expect([first?.name, (await rollBack('r8', { hosts })).outcome]).toMatchObject([
    'ctl01',
    { code: 'no-way-back', message: expect.stringContaining('changes who belongs to the cloud') },
  ]);
});

test('where all is back already nothing is asked, unless a guard of that run is about to undo it', async () => {
  const { shown } = await rollBack('r8');
  const [first] = shown;
  if (first === undefined) throw new Error('nothing was shown');
  const back = actsOf(first.plan).reduce((hosts, act) => afterAct(hosts, act, first.desired), deployed);
  const again = await rollBack('r8', { hosts: back });
  expect(again.shown).toEqual([]);
  expect(again.outcome).toMatchObject({ plan: { batches: [] } });
  const runningSteps = ['mcp-20260101T000000Z-abc-revert-4-gate.timer'];
  expect((await rollBack('r8', { hosts: back, runningSteps })).outcome).toMatchObject({ code: 'locked' });
});
