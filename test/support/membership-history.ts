import fc from 'fast-check';
import { acceptedCourse, type MembershipCase, membershipCases } from './membership-cases.ts';
import { afterEvent, type Course, type Event, eventsOf, startsAnew, type World } from './simulated-run.ts';

/** So many that a mistake of the planner is found, and so few that nobody minds to wait. */
export const runsOfEach = { numRuns: 40 };

/** Checks something of every plan that may be carried out. */
export const ofEveryCourse = (check: (course: Course, made: MembershipCase) => void): void =>
  fc.assert(
    fc.property(membershipCases, (made) => {
      const course = acceptedCourse(made);
      if (course !== undefined) check(course, made);
    }),
    runsOfEach,
  );

/** Number of events after which a run is killed: as often while it begins as later. */
export const kills = fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 100 }));

/** Every event of a run with the world before and after it. */
export function history(course: Course, start: World) {
  let world = start;
  return eventsOf(course).map((event) => {
    const before = world;
    world = afterEvent(world, event, course);
    return { event, before, after: world };
  });
}

/** The host that an event takes out for a moment, where it restarts one of the units. */
export const restarted = (event: Event, ...units: readonly string[]): string | undefined =>
  event.type === 'act' && units.some((unit) => startsAnew(event, unit)) ? event.host : undefined;
