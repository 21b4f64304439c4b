import { expect } from 'vitest';
import type { Course, World } from './simulated-run.ts';

/** A host that belongs to no cloud, and on which no run has left anything but packages. */
export function expectNothingOf(name: string, world: World): void {
  expect(unitsIn(world, name)).toEqual([]);
  expect(pathsIn(world, name)).toEqual([]);
  expect(world.hosts.get(name)).toMatchObject({
    records: new Map(),
    applied: new Map(),
    belongings: [],
    membership: undefined,
    cloud: undefined,
  });
}

/** Units that run there, or will after a boot. */
export const unitsIn = ({ hosts }: World, name: string): readonly string[] =>
  [...(hosts.get(name)?.units ?? [])]
    .filter(([, { active, enabled }]) => active || enabled)
    .map(([unit]) => unit)
    .sort();

/** Files and folders that are there. */
export const pathsIn = ({ hosts }: World, name: string): readonly string[] =>
  [...(hosts.get(name)?.files.keys() ?? []), ...(hosts.get(name)?.directories.keys() ?? [])].sort();

export const wantedUnits = (course: Course, name: string): readonly string[] =>
  resourcesFor(course, name)
    .flatMap((each) => (each.kind === 'unit' && each.state === 'running' ? [each.name] : []))
    .sort();

export const wantedPaths = (course: Course, name: string): readonly string[] =>
  resourcesFor(course, name)
    .flatMap((each) => (each.kind === 'file' || each.kind === 'directory' ? [each.path] : []))
    .sort();

const resourcesFor = ({ desired }: Course, name: string) =>
  (desired.hosts.get(name)?.services ?? []).flatMap(({ resources }) => resources);
