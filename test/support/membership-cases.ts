import fc from 'fast-check';
import type { Host } from '../../src/model/host.ts';
import type { Role } from '../../src/model/inventory.ts';
import { platformOf } from '../../src/platform/index.ts';
import { resolveTopology } from '../../src/topology/index.ts';
import { freshHost } from './simulated-hosts.ts';
import { simulatedMemberServices } from './simulated-members.ts';
import { afterRun, type Course, courseFor, type Described, type World } from './simulated-run.ts';
import { simulatedDesire, type Texts } from './simulated-services.ts';
import { aTopology, hostNamed } from './topology.ts';

type Layout = ReadonlyMap<string, readonly Role[]>;

/** A cloud that was deployed, what has happened to it since, and what its inventory wants now. */
export interface MembershipCase {
  /** How a failing case is told. */
  readonly [fc.toStringMethod]: () => string;
  readonly former: Layout;
  readonly wanted: Layout;
  readonly world: World;
  readonly described: Described;
  readonly consent: { readonly allowUnreachable: readonly string[]; readonly forget: readonly string[] };
}

const bothRoles: readonly Role[] = ['database', 'proxy'];
const someRoles = fc.constantFrom<readonly Role[]>(['database'], ['proxy'], bothRoles);

/** 3, 5 or 7 members and 2 to 4 fronts, up to two hosts being both. */
const layouts = fc
  .record({
    members: fc.constantFrom(3, 5, 7),
    fronts: fc.integer({ min: 2, max: 4 }),
    both: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ members, fronts, both }): Layout => {
    const clustered = numbered('c', members).map(
      (name, index): readonly [string, readonly Role[]] =>
        [name, index < both ? bothRoles : ['database']] as const,
    );
    return new Map<string, readonly Role[]>([
      ...clustered,
      ...numbered('p', fronts - both).map((name) => [name, ['proxy']] as const),
    ]);
  });

const numbered = (letter: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_none, index) => `${letter}${index + 1}`);

/** What the inventory was before: some of the hosts were missing, some had other roles, and others were there. */
const histories = layouts.chain((wanted) => {
  const names = [...wanted.keys()];
  return fc
    .record({
      coming: fc.subarray(names, { maxLength: 2 }),
      moved: fc.array(fc.tuple(fc.constantFrom(...names), someRoles), { maxLength: 2 }),
      leaving: fc.array(someRoles, { maxLength: 2 }),
    })
    .map(({ coming, moved, leaving }) => {
      const before = new Map([
        ...wanted,
        ...moved,
        ...leaving.map((roles, index) => [`x${index + 1}`, roles] as const),
      ]);
      return { wanted, former: new Map([...before].filter(([name]) => !coming.includes(name))) };
    })
    .filter(({ former }) => carriers(former, 'database') > 2 && carriers(former, 'proxy') > 0);
});

const carriers = (layout: Layout, role: Role): number =>
  [...layout.values()].filter((roles) => roles.includes(role)).length;

const version = fc.integer({ min: 1, max: 2 });
const texts = fc.record({ restart: version, reload: version, comment: version, unitFile: version });

/** What has happened since: units that somebody stopped, and a host that is dead. */
const misfortunes = fc.record({
  stopped: fc.array(fc.tuple(fc.nat(), fc.constantFrom('cluster', 'front', 'admission')), { maxLength: 2 }),
  dead: fc.option(fc.nat(), { freq: 2, nil: undefined }),
});

export const membershipCases: fc.Arbitrary<MembershipCase> = fc
  .tuple(histories, texts, misfortunes, fc.nat())
  .map(([{ wanted, former }, wantedTexts, { stopped, dead }, holder]) => {
    const names = [...former.keys()];
    const nameAt = (index: number): string => names[index % names.length] ?? '';
    const holders = { writer: nameAt(holder), vip: nameAt(holder) };
    const silent = dead === undefined ? [] : [nameAt(dead)];
    const deployed = deployedWorld(former);
    const world = stopped.reduce<World>(
      (now, [index, service]) => withStopped(now, nameAt(index), `${service}.service`),
      { ...deployed, silent: new Set(silent) },
    );
    const stays = (name: string): boolean => wanted.has(name);
    return {
      [fc.toStringMethod]: () =>
        JSON.stringify({ was: [...former], wanted: [...wanted], stopped, silent, wantedTexts, holders }),
      former,
      wanted,
      world,
      described: describedAs(wanted, wantedTexts, holders),
      consent: {
        allowUnreachable: silent.filter(stays),
        forget: silent.filter((name) => !stays(name)),
      },
    };
  })
  .filter((made) => hasMajority(made.world) && servers(made.world).length > 0 && someoneKnows(made));

/** Where nobody answers who was there before, nobody can know that there was anything. */
const someoneKnows = ({ former, wanted, world }: MembershipCase): boolean =>
  [...wanted.keys()].some((name) => former.has(name) && !world.silent.has(name));

/** Whether all that was deployed ran, and every host answered. */
export const wasWell = ({ world, former }: MembershipCase): boolean =>
  [...former.keys()].every((name) => {
    const units = [...(world.hosts.get(name)?.records.keys() ?? [])].filter((record) =>
      record.endsWith('.service'),
    );
    return units.every((unit) => runs(world, name, unit));
  });

/** A plan that may be carried out, with what is needed to do so; undefined where it is refused. */
export function acceptedCourse({ described, world, consent }: MembershipCase): Course | undefined {
  const course = courseFor(described, world, consent);
  return course.plan.refusals.length === 0 ? course : undefined;
}

const firstTexts: Texts = { restart: 1, reload: 1, comment: 1, unitFile: 1 };

/** Every host as a first deploy leaves it, and hosts that nothing was ever done on. */
export function deployedWorld(layout: Layout): World {
  const fresh = [...layout.keys(), ...numbered('c', 7), ...numbered('p', 4)];
  const world = {
    hosts: new Map(fresh.map((name) => [name, freshHost])),
    counted: new Set<string>(),
    silent: new Set<string>(),
  };
  return afterRun(world, courseFor(describedAs(layout, firstTexts), world));
}

/** A cloud with these hosts. */
export function describedAs(
  layout: Layout,
  wanted: Texts = firstTexts,
  holders = { writer: 'c1', vip: 'p1' },
): Described {
  const services = simulatedMemberServices(wanted, holders);
  const hosts = [...layout].map(
    ([name, roles]): Host => hostNamed(name, { address: addressOf(name), roles }),
  );
  const topology = resolveTopology(aTopology({ hosts }).inventory, services, platformOf);
  return { services, topology, desired: simulatedDesire(topology, services) };
}

const addressOf = (name: string): string =>
  `10.7.${'cpx'.indexOf(name.slice(0, 1))}.${Number(name.slice(1)) + 10}`;

/** The world in which somebody has stopped a unit. */
export function withStopped(world: World, name: string, unit: string): World {
  const host = world.hosts.get(name);
  const found = host?.units.get(unit);
  if (host === undefined || found?.active !== true) return world;
  const units = new Map([...host.units, [unit, { ...found, active: false }]]);
  return { ...world, hosts: new Map([...world.hosts, [name, { ...host, units }]]) };
}

/** Whether a unit runs on a host that answers. */
export const runs = (
  { hosts, silent }: Pick<World, 'hosts' | 'silent'>,
  host: string,
  unit: string,
): boolean => !silent.has(host) && hosts.get(host)?.units.get(unit)?.active === true;

/** Whether a majority of all that the cluster counts is up; `but`: a host that is just being restarted. */
export function hasMajority(world: World, but?: string): boolean {
  const up = [...world.counted].filter((host) => host !== but && runs(world, host, 'cluster.service'));
  return up.length > world.counted.size / 2;
}

/** Hosts that clients can come to and that serve them. */
export const servers = (world: World, but?: string): readonly string[] =>
  [...world.hosts.keys()].filter(
    (host) => host !== but && runs(world, host, 'front.service') && runs(world, host, 'admission.service'),
  );
