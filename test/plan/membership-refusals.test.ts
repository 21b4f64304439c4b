import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptedCourse,
  deployedWorld,
  describedAs,
  membershipCases,
  withStopped,
} from '../support/membership-cases.ts';
import { kills, runsOfEach } from '../support/membership-history.ts';
import { afterRun, courseFor } from '../support/simulated-run.ts';

test('too few that would be left is refused before anything is touched, and nothing less is', () => {
  const sizes = fc.record({ members: fc.integer({ min: 3, max: 7 }), gone: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(sizes, ({ members, gone }) => {
      const names = Array.from({ length: members }, (_none, index) => `c${index + 1}`);
      const layout = (hosts: readonly string[]) =>
        new Map([...hosts, 'p1', 'p2'].map((name) => [name, [name < 'p' ? 'database' : 'proxy']] as const));
      const staying = names.slice(0, Math.max(1, members - gone));
      const { plan } = courseFor(describedAs(layout(staying)), deployedWorld(layout(names)));
      // Of two members none can stop: the other alone is no majority.
      expect(plan.refusals.map(({ kind }) => kind)).toEqual(staying.length < 2 ? ['quorum'] : []);
      expect(plan.refusals.every(({ hint }) => hint.length > 0)).toBe(true);
    }),
    runsOfEach,
  );
});

test('one who leaves and does not answer is refused unless it is to be forgotten, and the hint says how', () => {
  fc.assert(
    fc.property(
      membershipCases.filter(({ consent }) => consent.forget.length > 0),
      ({ described, world, consent: { forget, allowUnreachable } }) => {
        const { refusals } = courseFor(described, world, { allowUnreachable }).plan;
        for (const host of forget) {
          const hints = refusals.flatMap((refusal) => (refusal.host === host ? [refusal.hint] : []));
          expect(hints.join('\n')).toContain(`--forget ${host}`);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('the same command again is no mistake: who was forgotten may be named once more', () => {
  fc.assert(
    fc.property(
      membershipCases.filter((made) => made.consent.forget.length > 0 && acceptedCourse(made) !== undefined),
      kills,
      (made, killedAfter) => {
        const { described, world, consent } = made;
        const halfway = afterRun(world, courseFor(described, world, consent), killedAfter);
        const end = afterRun(halfway, courseFor(described, halfway, consent));
        expect(courseFor(described, end, consent).plan).toMatchObject({ batches: [], refusals: [] });
        expect(consent.forget.filter((name) => end.counted.has(name))).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});

test('what is refused is refused with a hint', () => {
  fc.assert(
    fc.property(membershipCases, ({ described, world, consent }) => {
      const { refusals } = courseFor(described, world, consent).plan;
      expect(refusals.filter(({ hint }) => hint === '')).toEqual([]);
    }),
    runsOfEach,
  );
});

test('of those who leave, a member that is down goes first: until it is forgotten it counts, and helps nobody', () => {
  const layout = (...members: readonly string[]) =>
    new Map([...members, 'p1', 'p2'].map((name) => [name, [name < 'p' ? 'database' : 'proxy']] as const));
  const world = withStopped(deployedWorld(layout('c1', 'c2', 'c3', 'c4')), 'c4', 'cluster.service');
  const { plan } = courseFor(describedAs(layout('c1', 'c2')), world);
  expect(plan.refusals).toEqual([]);
  const leaving = plan.batches.flatMap((batch) => (batch.service === 'cluster' ? batch.leaving : []));
  expect(leaving).toEqual(['c4', 'c3']);
  // Of five, with one down that stays, one more may go, and not two.
  const five = withStopped(deployedWorld(layout('c1', 'c2', 'c3', 'c4', 'c5')), 'c1', 'cluster.service');
  const kinds = (...staying: readonly string[]) =>
    courseFor(describedAs(layout(...staying)), five).plan.refusals.map(({ kind }) => kind);
  expect(kinds('c1', 'c2', 'c3', 'c4')).toEqual([]);
  expect(kinds('c1', 'c2', 'c3')).toContain('quorum');
});
