import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gateRules } from '../../src/execute/gate-rules.ts';
import { everythingIn, type SortedFindings } from '../../src/model/cause.ts';
import type { Finding } from '../../src/model/check.ts';
import type { Role } from '../../src/model/inventory.ts';
import type { Batch } from '../../src/model/plan.ts';
import {
  acceptedCourse,
  deployedWorld,
  describedAs,
  type MembershipCase,
  membershipCases,
  runs,
  withStopped,
} from '../support/membership-cases.ts';
import {
  afterEvent,
  afterRun,
  type Course,
  courseFor,
  eventsOf,
  seen,
  type World,
} from '../support/simulated-run.ts';

const services = ['cluster', 'front', 'admission'];

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

test('every gate is closed by a member that stays, ran before, and does not run any more', () => {
  ofEveryRun((course, start, made) => {
    const well = wellIn(start, made);
    for (const moment of momentsOf(course, start)) {
      for (const { host, service } of course.wanted.instances) {
        const unit = `${service}.service`;
        const changes =
          moment.when === 'before' && moment.batch.hosts.some((each) => each.host === host.name);
        const ran = runs(start, host.name, unit) && runs(moment.world, host.name, unit);
        if (!well.includes(service) || changes || !ran) continue;
        const stopped = { ...moment, world: withStopped(moment.world, host.name, unit) };
        expect(closing(course, stopped).flatMap(({ hosts }) => hosts)).toContain(host.name);
      }
    }
  });
});

test('one who leaves and was stopped by a run that was killed is no excuse for another that stops', () => {
  const layout = (...fronts: readonly string[]) =>
    new Map<string, readonly Role[]>([
      ...['c1', 'c2', 'c3'].map((name): readonly [string, readonly Role[]] => [name, ['database']]),
      ...fronts.map((name): readonly [string, readonly Role[]] => [name, ['proxy']]),
    ]);
  const killed = withStopped(deployedWorld(layout('p1', 'p2', 'p3')), 'p3', 'admission.service');
  const course = courseFor(describedAs(layout('p1', 'p2')), killed);
  for (const moment of momentsOf(course, killed)) {
    expect(closing(course, moment)).toEqual([]);
    const stopped = { ...moment, world: withStopped(moment.world, 'p1', 'admission.service') };
    const changes = moment.when === 'before' && moment.batch.hosts.some(({ host }) => host === 'p1');
    if (!changes) expect(closing(course, stopped)).toMatchObject([{ hosts: ['p1'] }]);
  }
});

test('the gates after a newcomer has been set up are closed by it when it does not run', () => {
  ofEveryRun((course, start, made) => {
    const well = wellIn(start, made);
    for (const moment of momentsOf(course, start).filter(({ when }) => when === 'after')) {
      for (const { host, service } of course.wanted.instances) {
        const unit = `${service}.service`;
        const came = !runs(start, host.name, unit) && runs(moment.world, host.name, unit);
        if (!well.includes(service) || !came) continue;
        const stopped = { ...moment, world: withStopped(moment.world, host.name, unit) };
        expect(closing(course, stopped).flatMap(({ hosts }) => hosts)).toContain(host.name);
      }
    }
  });
});

/** Services of which every member ran before: what was ill already says nothing while it can still be cured. */
const wellIn = ({ hosts, silent }: World, { consent }: MembershipCase): readonly string[] =>
  services.filter((service) =>
    [...hosts].every(
      ([name, host]) =>
        !host.records.has(`${service}.service`) ||
        (silent.has(name)
          ? !consent.forget.includes(name)
          : runs({ hosts, silent }, name, `${service}.service`)),
    ),
  );
