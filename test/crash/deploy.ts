import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { earlierFilesOn, observeHosts, refuseWhileBusy, rollOut, runsOn } from '../../src/execute/index.ts';
import type { Undoing } from '../../src/execute/run-context.ts';
import type { Role } from '../../src/model/inventory.ts';
import { isEmpty, type Plan } from '../../src/model/plan.ts';
import { runsIn } from '../../src/model/run.ts';
import { checksOf } from '../../src/model/service.ts';
import { earlierState, runsToUndo } from '../../src/plan/index.ts';
import { platformOf } from '../../src/platform/index.ts';
import { resolveTopology } from '../../src/topology/index.ts';
import type { Cloud, Session } from '../../src/workflows/cloud.ts';
import { refuse } from '../../src/workflows/deploy.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import type { Looking } from '../../src/workflows/participants.ts';
import { type Planned, planCloud } from '../../src/workflows/plan.ts';
import { noRepository } from '../../src/workflows/repository.ts';
import { aTopology, hostNamed } from '../support/topology.ts';
import { type Controller, controllerOf } from './controller.ts';
import type { LocalCloud } from './local-cloud.ts';
import { crashServices } from './services.ts';

/** What an inventory says of a local cloud. */
export interface Wanted {
  /** Of every file. */
  readonly version: number;
  readonly hosts: readonly string[];
}

/** How a verb ended: with its plan carried out, or with its controller. */
export type Ended = Plan | 'dead';

/** Which roles a host of a local cloud has. The third is everything. */
const roles: Readonly<Record<string, readonly Role[]>> = {
  ctl01: ['database'],
  ctl02: ['database'],
  ctl03: ['database', 'proxy'],
  prx01: ['proxy'],
};

export const allHosts = Object.keys(roles);

export function describedAs(cloud: LocalCloud, { version, hosts }: Wanted): Cloud {
  const services = crashServices(cloud, version);
  const machines = hosts.map((name) =>
    hostNamed(name, { address: `10.0.0.${allHosts.indexOf(name) + 1}`, roles: roles[name] ?? [] }),
  );
  const { inventory } = aTopology({ hosts: machines, vips: [] });
  const topology = resolveTopology(inventory, services, platformOf);
  const desired = describeHosts(topology, services, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });
  return { topology, services, desired, checks: checksOf(services, topology) };
}

/** Plans and rolls out as `mcp deploy` does; the controller may die from the first lock on. */
export async function deploy(cloud: LocalCloud, wanted: Wanted, controller: Controller): Promise<Ended> {
  const described = describedAs(cloud, wanted);
  const planned = await planOf(cloud, described);
  return carriedOut(cloud, described, { planned, controller, verb: 'deploy' });
}

/** Takes the last deploy back, and what came after it, as `mcp rollback` does while the inventory says `today`. */
export async function takeBack(cloud: LocalCloud, today: Wanted, controller: Controller): Promise<Ended> {
  const described = describedAs(cloud, today);
  const looker = controllerOf(cloud);
  const session = lookingAt(cloud, described, looker);
  const reaching = { connect: looker.connect, paths: cloud.paths };
  try {
    const told = await Promise.all(today.hosts.map((host) => runsOn(host, reaching)));
    const runs = runsIn(told.flat());
    const named = runs.filter(({ account }) => account?.verb === 'deploy').at(-1);
    if (named === undefined) throw new Error('no deploy is kept');
    const undone = runsToUndo(named, { runs, hosts: today.hosts, silent: [] });
    const earlier = await Promise.all(
      [...undone.byHost].map(
        async ([host, names]) => [host, await earlierFilesOn(host, names, reaching)] as const,
      ),
    );
    const state = earlierState(described.desired, await session.observe('state'), new Map(earlier));
    const obstacles = [...undone.obstacles, ...state.obstacles];
    if (obstacles.length > 0) throw new Error(obstacles.join('\n'));
    const then = { ...described, desired: state.desired };
    const planned = await planCloud(lookingAt(cloud, then, looker), {
      overwriteDrift: false,
      allowOlder: true,
    });
    return await carriedOut(cloud, described, { planned, controller, verb: 'rollback', undoing: undone });
  } finally {
    await looker.close();
  }
}

interface CarryingOut {
  readonly planned: Planned;
  readonly controller: Controller;
  readonly verb: 'deploy' | 'rollback';
  readonly undoing?: Undoing;
}

async function carriedOut(
  cloud: LocalCloud,
  { topology, services }: Cloud,
  { planned, controller, verb, undoing }: CarryingOut,
): Promise<Ended> {
  refuse(planned.plan);
  if (isEmpty(planned.plan)) {
    refuseWhileBusy(planned.observed);
    return planned.plan;
  }
  const run = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const never = new AbortController().signal;
  const rolledOut = rollOut({
    ...{ run, asked: { verb, by: 'tester', from: 'workstation' } },
    ...(undoing === undefined ? {} : { undoing }),
    ...{ plan: planned.plan, observed: planned.observed, desired: planned.desired },
    ...{ topology: planned.all, wanted: topology, services },
    ...{ connect: controller.connect, connectAfresh: controller.connectAfresh },
    ...{ emit: controller.emit, clock: controller.clock, paths: cloud.paths },
    runDirectory: join(cloud.root, 'controller', run),
    signals: { soft: never, hard: never },
  }).then(() => planned.plan);
  // What a dead program would have come to is nobody's business.
  void rolledOut.catch(() => undefined);
  return Promise.race([controller.dead, rolledOut.catch((failure) => orDead(failure, controller))]);
}

/** What is due in a cloud now. */
export async function planOf(cloud: LocalCloud, described: Cloud): Promise<Planned> {
  const looker = controllerOf(cloud);
  try {
    return await planCloud(lookingAt(cloud, described, looker));
  } finally {
    await looker.close();
  }
}

function lookingAt(cloud: LocalCloud, described: Cloud, { connect }: Controller) {
  const { desired, topology } = described;
  const hosts = topology.hosts.map(({ name }) => name);
  const look = (question: Pick<Parameters<typeof observeHosts>[0], 'desired' | 'hosts' | 'depth'>) =>
    observeHosts({ ...question, connect, now: Date.now, paths: cloud.paths });
  const session: Looking & Pick<Session, 'repository'> = {
    repository: noRepository,
    cloud: described,
    observe: (depth) => look({ desired, hosts, depth }),
    observeOthers: look,
    admit: () => undefined,
  };
  return session;
}

/** An error that a dying program throws is part of its death. */
async function orDead(failure: unknown, { dead, isDead }: Controller): Promise<'dead'> {
  if (!isDead()) throw failure;
  return dead;
}
