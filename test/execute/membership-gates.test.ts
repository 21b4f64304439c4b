import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gateRules } from '../../src/execute/gate-rules.ts';
import { everythingIn, type SortedFindings } from '../../src/model/cause.ts';
import type { Finding } from '../../src/model/check.ts';
import type { Batch } from '../../src/model/plan.ts';
import { acceptedCourse, type MembershipCase, membershipCases } from '../support/membership-cases.ts';
import {
  afterEvent,
  afterRun,
  type Course,
  courseFor,
  eventsOf,
  seen,
  type World,
} from '../support/simulated-run.ts';

interface Moment {
  readonly batch: Batch;
  readonly when: 'before' | 'after';
  readonly world: World;
}

/** The world before and after every batch. */
function momentsOf(course: Course, start: World): readonly Moment[] {
  const events = eventsOf(course);
  let world = start;
  const carryOut = (id: number): World => {
    for (const event of events.filter(({ batch }) => batch === id)) world = afterEvent(world, event, course);
    return world;
  };
  carryOut(0);
  return course.plan.batches.flatMap((batch): readonly Moment[] => [
    { batch, when: 'before', world },
    { batch, when: 'after', world: carryOut(batch.id) },
  ]);
}

/** Runs of plans that may be carried out, also of those that finish what a killed run has begun. */
const ofEveryRun = (check: (course: Course, start: World, made: MembershipCase) => void): void =>
  fc.assert(
    fc.property(membershipCases, fc.option(fc.nat({ max: 60 })), (made, killedAfter) => {
      const first = acceptedCourse(made);
      if (first === undefined) return;
      const start = killedAfter === null ? made.world : afterRun(made.world, first, killedAfter);
      const { allowUnreachable, forget } = made.consent;
      const course =
        killedAfter === null || forget.length > 0
          ? first
          : courseFor(made.described, start, { allowUnreachable });
      check(course, course === first ? made.world : start, made);
    }),
    { numRuns: 25 },
  );

const findingsIn = (sorted: SortedFindings): readonly Finding[] =>
  everythingIn(sorted).map(({ finding }) => finding);

const closing = (course: Course, { batch, when, world }: Moment): readonly Finding[] =>
  findingsIn(gateRules(course).closing(seen(world, course, course.topology), batch, when));

test('no gate is closed by who has not come yet or has left already, nor by what a run is about to cure', () => {
  ofEveryRun((course, start) => {
    for (const moment of momentsOf(course, start)) expect(closing(course, moment)).toEqual([]);
    const end = seen(afterRun(start, course), course, course.topology);
    expect(findingsIn(gateRules(course).closingAtEnd(end))).toEqual([]);
  });
});
