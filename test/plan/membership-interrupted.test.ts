import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEmpty } from '../../src/model/plan.ts';
import { meaningOf } from '../../src/resources/index.ts';
import {
  acceptedCourse,
  describedAs,
  hasMajority,
  type MembershipCase,
  membershipCases,
  runs,
  servers,
} from '../support/membership-cases.ts';
import { history, kills, ofEveryCourse, restarted, runsOfEach } from '../support/membership-history.ts';
import { expectNothingOf } from '../support/membership-traces.ts';
import { afterRun, type Course, courseFor, type Event, eventsOf } from '../support/simulated-run.ts';

test('a plan that was carried out leaves nothing to do', () => {
  ofEveryCourse((course, { world, described, consent }) => {
    const { allowUnreachable } = consent;
    const next = courseFor(described, afterRun(world, course), { allowUnreachable });
    expect(next.plan.refusals).toEqual([]);
    expect(next.plan.batches).toEqual([]);
  });
});

test('a run that is killed anywhere is finished by the next one, as safely, and each unit is restarted once if it is due', () => {
  fc.assert(
    fc.property(membershipCases, kills, (made, killedAfter) => {
      const course = acceptedCourse(made);
      if (course === undefined) return;
      const { world, described, consent } = made;
      const halfway = afterRun(world, course, killedAfter);
      const second = courseFor(described, halfway, consent);
      expect(second.plan.refusals).toEqual([]);
      for (const { event, before, after } of history(second, halfway)) {
        expect(hasMajority(before, restarted(event, 'cluster.service'))).toBe(true);
        expect(servers(after)).not.toEqual([]);
      }
      const end = afterRun(halfway, second);
      const { allowUnreachable } = consent;
      expect(courseFor(described, end, { allowUnreachable }).plan.batches).toEqual([]);
      const events = [...eventsOf(course).slice(0, killedAfter), ...eventsOf(second)];
      expect(events.flatMap(unitActionOf).sort()).toEqual(dueOf(course, made).sort());
    }),
    runsOfEach,
  );
});

test('after a run that was killed anywhere the operator may go back, and who was to come has nothing of ours', () => {
  fc.assert(
    fc.property(membershipCases, kills, (made, killedAfter) => {
      const course = acceptedCourse(made);
      if (course === undefined) return;
      const { world, former, wanted } = made;
      const halfway = afterRun(world, course, killedAfter);
      const before = describedAs(former);
      const allowUnreachable = [...world.silent];
      const back = courseFor(before, halfway, { allowUnreachable });
      if (back.plan.refusals.length > 0) return;
      for (const { event, before: now, after } of history(back, halfway)) {
        expect(hasMajority(now, restarted(event, 'cluster.service'))).toBe(true);
        expect(servers(after)).not.toEqual([]);
      }
      const end = afterRun(halfway, back);
      const came = [...wanted.keys()].filter((name) => !former.has(name));
      for (const name of came) expectNothingOf(name, end);
      expect(courseFor(before, end, { allowUnreachable }).plan.batches).toEqual([]);
    }),
    runsOfEach,
  );
});

test('a dead host that was forgotten and comes back is cleaned by the next run, and then forgotten no more', () => {
  ofEveryCourse((course, { world, described, consent }) => {
    const back = { ...afterRun(world, course), silent: new Set<string>() };
    const next = courseFor(described, back);
    if (next.plan.refusals.length > 0) return;
    const end = afterRun(back, next);
    for (const name of consent.forget) expectNothingOf(name, end);
    expect([...end.hosts.values()].flatMap(({ membership }) => membership?.forgotten ?? [])).toEqual([]);
    expect(isEmpty(courseFor(described, end).plan)).toBe(true);
  });
});

const unitActionOf = (event: Event): readonly string[] => {
  if (event.type !== 'act' || !('unit' in event.step)) return [];
  const { step, host } = event;
  return step.kind === 'bootstrap' || step.record !== undefined ? [`${host} ${step.unit}`] : [];
};

/** Units that must be acted on: those that do not run, and those whose files mean something else than before. */
function dueOf({ desired }: Course, { world }: MembershipCase): string[] {
  return [...desired.hosts].flatMap(([name, wanted]) => {
    if (world.silent.has(name)) return [];
    const resources = wanted.services.flatMap((service) => service.resources);
    const changed = resources.flatMap((resource) => {
      if (resource.kind !== 'file') return [];
      const before = world.hosts.get(name)?.files.get(resource.path)?.content ?? '';
      return told(before, resource.readAtStart) === told(resource.content, resource.readAtStart)
        ? []
        : [resource.path];
    });
    return resources.flatMap((resource) => {
      if (resource.kind !== 'unit' || resource.state === 'stopped') return [];
      const watched = [...resource.restartOn, ...resource.reloadOn];
      const isDue = !runs(world, name, resource.name) || watched.some((path) => changed.includes(path));
      return isDue ? [`${name} ${resource.name}`] : [];
    });
  });
}

/** What a file says to who reads it while running. */
const told = (content: string, ignored: RegExp | undefined): string =>
  meaningOf({ content, comment: '#' })
    .split('\n')
    .filter((line) => ignored?.test(line) !== true)
    .join('\n');
