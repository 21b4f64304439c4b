import { McpError } from '../../src/model/failure.ts';
import { isEmpty } from '../../src/model/plan.ts';
import { type Controller, controllerOf, type Death, type Point } from './controller.ts';
import { allHosts, deploy, describedAs, type Ended, planOf, takeBack, type Wanted } from './deploy.ts';
import { freshCloud, type LocalCloud } from './local-cloud.ts';
import { actsOn, differences, leftOn, type Tree, treeOf } from './traces.ts';

/** What is done to a cloud, and killed. */
export interface Scenario {
  readonly name: string;
  /** Deployed before, one after the other. */
  readonly before: readonly Wanted[];
  /** As the inventory is to be when it has ended; also what is deployed, unless `act` says otherwise. */
  readonly wanted: Wanted;
  act?(cloud: LocalCloud, controller: Controller): Promise<Ended>;
}

/** Small enough for every `npm test`: one host that has everything. */
export const oneHost: Scenario = {
  name: 'a change of one host',
  before: [{ version: 1, hosts: ['ctl03'] }],
  wanted: { version: 2, hosts: ['ctl03'] },
};

export const scenarios: readonly Scenario[] = [
  { name: 'a first deploy', before: [], wanted: { version: 1, hosts: allHosts } },
  {
    name: 'a rolling change of everything',
    before: [{ version: 1, hosts: allHosts }],
    wanted: { version: 2, hosts: allHosts },
  },
  {
    name: 'the removal of a host',
    before: [{ version: 1, hosts: allHosts }],
    wanted: { version: 1, hosts: allHosts.filter((name) => name !== 'ctl03') },
  },
  {
    name: 'the rollback of a change of everything',
    before: [
      { version: 1, hosts: allHosts },
      { version: 2, hosts: allHosts },
    ],
    wanted: { version: 1, hosts: allHosts },
    act: (cloud, controller) => takeBack(cloud, { version: 2, hosts: allHosts }, controller),
  },
];

/** A cloud in which a scenario is about to happen, and what comes of it when nobody is killed. */
export interface Stage extends Disposable {
  readonly scenario: Scenario;
  readonly cloud: LocalCloud;
  /** Where the scenario's run may be killed. */
  readonly points: readonly Point[];
  readonly trees: ReadonlyMap<string, Tree>;
  /** By host, what the run does to units and tasks. */
  readonly acts: ReadonlyMap<string, readonly string[]>;
}

/** Sets the stage, and has the scenario play once without a kill. */
export async function stageFor(scenario: Scenario): Promise<Stage> {
  const cloud = freshCloud(hostsOf(scenario));
  for (const wanted of scenario.before) await deployed(cloud, wanted);
  cloud.keep();
  const controller = controllerOf(cloud);
  await actOf(scenario, cloud, controller);
  await controller.close();
  await cloud.letTimePass();
  return {
    scenario,
    cloud,
    points: controller.points,
    trees: new Map(cloud.hosts.map((host) => [host, treeOf(cloud, host)])),
    acts: new Map(cloud.hosts.map((host) => [host, actsOn(cloud, host)])),
    [Symbol.dispose]: () => cloud[Symbol.dispose](),
  };
}

/** How a run that was killed, and those that took it up, have ended. */
export interface Verdict {
  readonly point: Point;
  /** Whether the run came to the point at all. */
  readonly died: boolean;
  /** How often the next run was refused, since something of the dead one still lived. */
  readonly refused: number;
  readonly undone: number;
  /** Tasks that were done more than once. */
  readonly repeatedTasks: number;
  /** What is not as it must be; empty: nothing. */
  readonly wrong: readonly string[];
}

/** Kills the scenario's run at a point. Resolves with whether it came to that, once no shell of it is left. */
type Strike = (stage: Stage, point: Point) => Promise<boolean>;

/** Within this process, as its hosts would see the death of another. */
const strikeHere: Strike = async ({ cloud, scenario }, point) => {
  const dying = controllerOf(cloud, { dieAt: point });
  const outcome = await actOf(scenario, cloud, dying);
  await dying.close();
  return outcome === 'dead';
};

export interface Wishes {
  /** The run that takes up dies as well, after so many points. */
  readonly dieAgainAfter?: number | undefined;
  readonly strike?: Strike;
}

/** Plays the scenario, kills it at a point, and has the next run take it up. */
export async function killedAt(stage: Stage, point: Point, wishes: Wishes = {}): Promise<Verdict> {
  const { cloud } = stage;
  const { dieAgainAfter, strike = strikeHere } = wishes;
  cloud.restore();
  const died = await strike(stage, point);
  const wrong: string[] = [];
  let refused = 0;
  for (const death of dieAgainAfter === undefined ? [{}] : [{ dieAfter: dieAgainAfter }, {}]) {
    refused += await takenUp(stage, death).catch((failure: unknown) => {
      wrong.push(`the next run fails: ${failure instanceof McpError ? failure.message : failure}`);
      return 0;
    });
  }
  const living = cloud.hosts.flatMap((host) => cloud.transient(host).filter(isOfARun));
  wrong.push(...living.map((name) => `${name} lives`));
  await cloud.letTimePass();
  const undone = cloud.hosts.flatMap((host) => undoings(actsOn(cloud, host))).length;
  return {
    point,
    died,
    refused,
    undone,
    repeatedTasks: sum(cloud.hosts.map((host) => repeated(actsOn(cloud, host)))),
    wrong: [...wrong, ...(await judged(stage))],
  };
}

const isOfARun = (name: string): boolean => /^mcp-\d/.test(name);

/** The same command again, until nothing of an earlier run keeps it out. Resolves with how often it was refused. */
async function takenUp({ scenario, cloud }: Stage, death: Death): Promise<number> {
  for (let refused = 0; ; refused += 1) {
    const controller = controllerOf(cloud, death);
    try {
      await actOf(scenario, cloud, controller);
      return refused;
    } catch (failure) {
      if (!(failure instanceof McpError) || failure.code !== 'locked' || refused === 5) throw failure;
    } finally {
      await controller.close();
    }
    await cloud.letTimePass();
  }
}

/** What is not as after a run that nobody killed. */
async function judged({ scenario, cloud, trees, acts }: Stage): Promise<readonly string[]> {
  const { plan } = await planOf(cloud, describedAs(cloud, scenario.wanted));
  return [
    ...(isEmpty(plan) ? [] : [`still due: ${plan.batches.map(({ title }) => title).join(', ')}`]),
    ...plan.refusals.map(({ message }) => `refused: ${message}`),
    ...cloud.hosts.flatMap((host) => [
      ...leftOn(cloud, host),
      ...differences(host, treeOf(cloud, host), trees.get(host) ?? new Map()),
      ...wrongActs(actsOn(cloud, host), acts.get(host) ?? []).map((act) => `${host}: ${act}`),
    ]),
  ];
}

/**
 * Units that were started, restarted, reloaded or stopped more or less often than by a run that nobody kills. What a host
 * has undone by itself has to be done again.
 */
function wrongActs(acts: readonly string[], expected: readonly string[]): readonly string[] {
  const done = sinceUndone(acts).filter(isOfUnit).map(normal);
  const due = expected.filter(isOfUnit).map(normal);
  return [...new Set([...done, ...due])].flatMap((act) => {
    const [times, wanted] = [count(done, act), count(due, act)];
    return times === wanted ? [] : [`${act}: ${times} times, not ${wanted}`];
  });
}

const isOfUnit = (act: string): boolean => !/^(apply|fires|fired) /.test(act);

/** A unit that is down is started, one that runs is restarted: what counts is that it was begun anew. */
const normal = (act: string): string => act.replace(/^(re)?start /, 'begin ');

/** Without what was done to a unit before its host has undone it, and without the undoing. */
function sinceUndone(acts: readonly string[]): readonly string[] {
  const undone = undoings(acts);
  return acts.filter((act, index) =>
    undone.every(({ units, end }) => index > end || !units.has(unitOf(act))),
  );
}

/** Where a guard has fired and had something to undo. */
const undoings = (acts: readonly string[]) =>
  acts.flatMap((act, begin) => {
    if (!/^fires mcp-.*-revert/.test(act)) return [];
    const end = acts.indexOf(act.replace('fires', 'fired'), begin);
    const units = new Set(acts.slice(begin + 1, end).map(unitOf));
    return units.size === 0 ? [] : [{ units, end }];
  });

const unitOf = (act: string): string => act.split(' ')[1] ?? '';

const repeated = (acts: readonly string[]): number => {
  const tasks = acts.filter((act) => act.startsWith('apply '));
  return tasks.length - new Set(tasks).size;
};

const count = (acts: readonly string[], act: string): number => acts.filter((each) => each === act).length;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Everybody who was ever wanted. */
export const hostsOf = ({ before, wanted }: Scenario): readonly string[] =>
  allHosts.filter((host) => [...before, wanted].some(({ hosts }) => hosts.includes(host)));

/** Does what a scenario is about. */
export const actOf = (scenario: Scenario, cloud: LocalCloud, controller: Controller): Promise<Ended> =>
  scenario.act?.(cloud, controller) ?? deploy(cloud, scenario.wanted, controller);

async function deployed(cloud: LocalCloud, wanted: Wanted): Promise<void> {
  const controller = controllerOf(cloud);
  await deploy(cloud, wanted, controller);
  await controller.close();
}
