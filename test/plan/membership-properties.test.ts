import fc from 'fast-check';
import { expect, test } from 'vitest';
import { belongingsOf } from '../../src/resources/index.ts';
import {
  acceptedCourse,
  hasMajority,
  membershipCases,
  runs,
  servers,
  wasWell,
} from '../support/membership-cases.ts';
import { history, ofEveryCourse, restarted } from '../support/membership-history.ts';
import { expectNothingOf, pathsIn, unitsIn, wantedPaths, wantedUnits } from '../support/membership-traces.ts';
import { listKey } from '../support/simulated-members.ts';
import { afterRun } from '../support/simulated-run.ts';

test('no step of any plan takes the majority of those whom the cluster counts at that moment', () => {
  ofEveryCourse((course, { world }) => {
    for (const { event, before, after } of history(course, world)) {
      expect(hasMajority(before, restarted(event, 'cluster.service'))).toBe(true);
      expect(hasMajority(after)).toBe(true);
    }
  });
});

test('at every step some host serves clients and lets them in', () => {
  ofEveryCourse((course, made) => {
    for (const { event, before, after } of history(course, made.world)) {
      const out = restarted(event, 'front.service', 'admission.service');
      // Nobody takes over from the last one: the hand-over before its restart halts the run.
      if (!wasWell(made) && servers(before, out).length === 0) return;
      expect(servers(before, out)).not.toEqual([]);
      expect(servers(after)).not.toEqual([]);
    }
  });
});

test('whoever begins to let clients in serves them already', () => {
  ofEveryCourse((course, { world }) => {
    for (const { event, before } of history(course, world)) {
      const admits = restarted(event, 'admission.service');
      if (admits !== undefined) expect(runs(before, admits, 'front.service')).toBe(true);
    }
  });
});

test('who leaves lets nobody in any more before anything of it stops, and never again', () => {
  ofEveryCourse((course, { world, wanted, former }) => {
    const leaves = (host: string): boolean =>
      former.get(host)?.includes('proxy') === true && wanted.get(host)?.includes('proxy') !== true;
    for (const { event, before, after } of history(course, world)) {
      if (event.type !== 'act' || !leaves(event.host) || event.service === 'packages') continue;
      if (event.service === 'admission') expect(runs(after, event.host, 'admission.service')).toBe(false);
      else expect(runs(before, event.host, 'admission.service')).toBe(false);
    }
  });
});

test('who leaves stops each service before those it needs: what holds data comes last', () => {
  ofEveryCourse(({ plan }) => {
    const stopping = plan.batches.filter(({ leaving }) => leaving.length > 0);
    const turns = stopping.map(({ service }) => ['admission', 'front', 'cluster', 'base'].indexOf(service));
    expect(turns).toEqual(turns.toSorted((one, other) => one - other));
  });
});

test('nobody who stays has anything that names or belongs to one who left', () => {
  ofEveryCourse((course, { world, wanted, consent }) => {
    const end = afterRun(world, course);
    for (const name of [...wanted.keys()].filter((each) => !world.silent.has(each))) {
      const host = end.hosts.get(name);
      const listed = [...(host?.files.values() ?? [])]
        .flatMap(({ content }) => content.split('\n'))
        .flatMap((line) => (line.startsWith(listKey) ? line.slice(listKey.length).split(' ') : []));
      expect(listed.filter((each) => !wanted.has(each))).toEqual([]);
      expect(host?.membership?.members.map((member) => member.name)).toEqual([...wanted.keys()]);
      expect(host?.membership?.forgotten.map((member) => member.name)).toEqual(consent.forget);
      expect(host?.belongings).toEqual(belongingsOf(course.desired.hosts.get(name)));
      expect(unitsIn(end, name)).toEqual(wantedUnits(course, name));
      expect(pathsIn(end, name)).toEqual(wantedPaths(course, name));
    }
    const members = [...wanted].filter(([, roles]) => roles.includes('database')).map(([name]) => name);
    expect([...end.counted].filter((name) => !members.includes(name))).toEqual([]);
  });
});

test('who left has nothing of ours', () => {
  ofEveryCourse((course, { world, wanted, former }) => {
    const end = afterRun(world, course);
    const gone = [...former.keys()].filter((name) => !wanted.has(name) && !world.silent.has(name));
    for (const name of gone) expectNothingOf(name, end);
  });
});

test('of the changes that these properties are about many are allowed, and many are not', () => {
  const made = fc.sample(membershipCases, { numRuns: 100, seed: 7 });
  const allowed = made.flatMap((each) => acceptedCourse(each) ?? []);
  const departing = allowed.filter(({ plan }) => plan.departures.length > 0);
  expect(allowed.length).toBeGreaterThan(40);
  expect(allowed.length).toBeLessThan(95);
  expect(departing.length).toBeGreaterThan(20);
});
