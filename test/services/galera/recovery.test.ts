import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../../src/services/galera/decision.ts';
import { galera } from '../../../src/services/galera/index.ts';
import type { Knowledge } from '../../../src/services/galera/knowledge.ts';
import { instances, names, observedWith, type Told, topology } from './members.ts';

const cluster = '08e64814-eae0-11f1-8f89-4bda9e56a11e';
const stoppedAt = (seqno: number, more: Told = {}): Told => ({
  records: ['mariadb.service'],
  unit: 'inactive/dead',
  position: { uuid: cluster, seqno: String(seqno) },
  ...more,
});
const unreadable: Told = {
  records: ['mariadb.service'],
  unit: 'failed/failed',
  position: { data: 'unreadable', reason: 'page 3 is damaged' },
};

function recovery(
  told: Record<string, Told>,
  wishes: {
    readonly without?: readonly string[];
    readonly from?: string;
    readonly resting?: readonly string[];
  } = {},
) {
  return galera.recovery?.plan({
    ...{ instances, topology, observed: observedWith(told) },
    ...{ without: wishes.without ?? [], from: wishes.from },
    resting: new Set(wishes.resting ?? []),
  });
}

const ailing = (told: Record<string, Told>) => galera.recovery?.ailing(instances, observedWith(told));

const titles = (told: Record<string, Told>, wishes?: Parameters<typeof recovery>[1]) =>
  recovery(told, wishes)?.stages.map(({ title }) => title);

const refusals = (told: Record<string, Told>, wishes?: Parameters<typeof recovery>[1]) =>
  recovery(told, wishes)?.refusals.map(({ message, hint }) => `${message} → ${hint}`);

test('the member that went furthest begins alone, and the others join it one by one', () => {
  const told = { ctl01: stoppedAt(10), ctl02: stoppedAt(12), ctl03: stoppedAt(11) };
  expect(recovery(told)).toMatchObject({
    truth: 'the data of ctl02, up to transaction 12',
    losses: [],
    refusals: [],
    evidence: {
      rows: [
        ['ctl01', 'inactive/dead', 'up to transaction 10', ''],
        ['ctl02', 'inactive/dead', 'up to transaction 12', ''],
        expect.anything(),
      ],
    },
  });
  expect(titles(told)).toEqual([
    'Stop the members that serve nobody',
    'Have all forget with whom they were',
    'Form the cluster on ctl02',
    'Have ctl01 join',
    'Have ctl03 join',
  ]);
});

test('after an orderly stop whoever left last is the first', () => {
  const told = {
    ctl01: stoppedAt(12, { saved: [12, 0] }),
    ctl02: stoppedAt(12, { saved: [12, 1] }),
    ctl03: stoppedAt(12),
  };
  expect(recovery(told)?.truth).toBe('the data of ctl02, up to transaction 12');
});

test('one that does not answer may have more: only the operator gives that up', () => {
  const told: Record<string, Told> = {
    ctl01: stoppedAt(10),
    ctl02: stoppedAt(10),
    ctl03: { unreachable: true },
  };
  expect(refusals(told)).toEqual([
    'ctl03 does not answer: it may have committed what the others do not have → bring ctl03 back, or go on without what it alone has: `mcp recover --without ctl03`',
  ]);
  expect(titles(told)).toEqual([]);
  expect(recovery(told, { without: ['ctl03'] })).toMatchObject({
    truth: 'the data of ctl01, up to transaction 10',
    losses: ['what only ctl03 has committed, if anything: it does not answer'],
  });
  expect(titles(told, { without: ['ctl03'] })?.at(-1)).toBe('Have ctl02 join');
});

test('who answers is not given up by name', () => {
  const told = { ctl01: stoppedAt(10), ctl02: stoppedAt(10), ctl03: stoppedAt(11) };
  expect(refusals(told, { without: ['ctl03'] })?.[0]).toContain('ctl03 answers');
});

test('damaged data is put aside and copied anew; where it may go further than all others, that is the operator’s to decide', () => {
  const told = {
    ctl01: stoppedAt(10),
    ctl02: { ...unreadable, saved: [9, 0] as const },
    ctl03: stoppedAt(10),
  };
  expect(recovery(told)?.losses).toEqual([]);
  expect(titles(told)).toContain('Put the data of ctl02 aside');
  const crashed = { ...told, ctl02: { ...unreadable, saved: [-1, 0] as const } };
  expect(refusals(crashed)?.[0]).toContain(
    'the data of ctl02 can not be read, and may go further than any other',
  );
  expect(recovery(crashed, { without: ['ctl02'] })?.losses).toEqual([
    'what only ctl02 has committed, if anything: its data can not be read (page 3 is damaged); its data is put aside on the host',
  ]);
  const ahead = { ...told, ctl02: { ...unreadable, saved: [11, 0] as const } };
  expect(refusals(ahead)?.[0]).toContain(
    'the data of ctl02 goes up to transaction 11, further than any other',
  );
  expect(recovery(ahead, { from: 'ctl01' })?.truth).toBe('the data of ctl01, up to transaction 10');
});

test('a disk that is not mounted is not taken for a member that never had anything; a blank machine is', () => {
  const none: Told = { unit: 'inactive/dead', position: { data: 'none' } };
  const unmounted = {
    ctl01: stoppedAt(10),
    ctl02: stoppedAt(10),
    ctl03: { ...none, records: ['mariadb.service'] },
  };
  expect(refusals(unmounted)?.[0]).toContain('is its disk mounted?');
  const blank = { ...unmounted, ctl03: none };
  expect(refusals(blank)).toEqual([]);
  expect(titles(blank)).not.toContain('Have ctl03 join');
  expect(recovery(blank, { without: ['ctl03'] })?.refusals).toEqual([]);
  const aside = { ...unmounted, ctl03: { ...unmounted.ctl03, position: { data: 'none', aside: 'yes' } } };
  expect(titles(aside)).toContain('Have ctl03 join');
});

test('who is given up and can’t be seen to copies everything should it return: the truth gets a history of its own', () => {
  const told: Record<string, Told> = {
    ctl01: stoppedAt(10),
    ctl02: stoppedAt(10),
    ctl03: { unreachable: true },
  };
  const script = (all: Record<string, Told>, without: readonly string[]) =>
    recovery(all, { without })
      ?.stages.find(({ title }) => title.startsWith('Form'))
      ?.steps.map((step) => step.script)
      .join('\n');
  expect(script(told, ['ctl03'])).toMatch(/^anew_from='?10'?$/m);
  expect(titles(told, { without: ['ctl03'] })?.[0]).toBe('See that ctl03 does not run');
  expect(script({ ...told, ctl03: stoppedAt(9) }, [])).toMatch(/^anew_from=''$/m);
});

test('one that could not be asked in time is never taken for damaged', () => {
  const told = {
    ctl01: stoppedAt(10),
    ctl02: { ...unreadable, position: { data: 'slow' } },
    ctl03: stoppedAt(10),
  };
  expect(refusals(told)?.[0]).toContain('ctl02 did not say in time');
  expect(titles(told, { from: 'ctl01' })).not.toContain('Put the data of ctl02 aside');
});

test('two that both say they left last, and data of two clusters, are refused until one is named', () => {
  const both = {
    ctl01: stoppedAt(12, { saved: [12, 1] }),
    ctl02: stoppedAt(15, { saved: [15, 1] }),
    ctl03: stoppedAt(10),
  };
  expect(refusals(both)).toEqual([
    'ctl01 (transaction 12) and ctl02 (transaction 15) both say that they were the last to leave → one was started alone meanwhile: look at which has the newer rows, then `mcp recover --from ctl01` or `mcp recover --from ctl02`',
  ]);
  expect(recovery(both, { from: 'ctl01' })).toMatchObject({
    truth: 'the data of ctl01, up to transaction 12',
    losses: ['transactions 13 to 15 of ctl02; its data is put aside on the host'],
  });
  expect(titles(both, { from: 'ctl01' })).toContain('Put the data of ctl02 aside');
  // The one that says so may be behind: it went on alone from there, and must not be taken in as one that only missed some.
  const behind = { ctl01: stoppedAt(100), ctl02: stoppedAt(90, { saved: [90, 1] }), ctl03: stoppedAt(99) };
  expect(refusals(behind)?.[0]).toContain(
    'ctl02 (transaction 90) says that it was the last to leave, and ctl01',
  );
  expect(titles(behind, { from: 'ctl01' })).toContain('Put the data of ctl02 aside');
  expect(recovery(behind, { from: 'ctl01' })?.losses).toEqual([
    'what ctl02 has committed alone; its data is put aside on the host',
  ]);
  const foreign = {
    ...both,
    ctl01: stoppedAt(10),
    ctl02: stoppedAt(15, { position: { uuid: 'another', seqno: '15' } }),
  };
  expect(refusals(foreign)?.[0]).toContain('are of 2 clusters that have nothing in common');
  expect(recovery(foreign, { from: 'ctl01' })?.losses).toEqual([
    'all that ctl02 has: it is of another cluster; its data is put aside on the host',
  ]);
});

test('nothing that can be read is nothing to begin with', () => {
  const told = {
    ctl01: unreadable,
    ctl02: { unit: 'inactive/dead', position: { data: 'none' } } as const,
    ctl03: unreadable,
  };
  expect(refusals(told)).toEqual([
    'no member of the database has data that can be read: ctl01: it can not be read (page 3 is damaged); ctl02: it has none; ctl03: it can not be read (page 3 is damaged) → restore a backup on one of them',
  ]);
});

test('servers that are just stopping, for a run before this one, say: ask again, and not: restore a backup', () => {
  const stopping = { unit: 'deactivating/stop-sigterm', position: { data: 'slow' } } as const;
  expect(refusals({ ctl01: stopping, ctl02: stopping, ctl03: stopping })).toEqual([
    'no member of the database says how far its data goes: ctl01: it did not say in time; ctl02: it did not say in time; ctl03: it did not say in time → run this again: a server that is just stopping or starting can not tell',
  ]);
});

test('cut off after it had begun again, the next only has the others join', () => {
  const told = { ctl02: stoppedAt(10), ctl03: stoppedAt(10) };
  expect(titles(told)).toEqual(['Have ctl02 join', 'Have ctl03 join']);
  expect(recovery({})).toBeUndefined();
});

test('while others serve, one whose data is damaged copies theirs, and one whose disk is not there is not written to', () => {
  const damaged = { ctl02: unreadable };
  expect(ailing(damaged)).toEqual(['ctl02']);
  expect(titles(damaged)).toEqual(['Put the data of ctl02 aside', 'Have ctl02 join']);
  const gone = { ctl02: { ...stoppedAt(0), position: { data: 'none' } } as const };
  expect(refusals(gone)).toEqual([
    'the data of ctl02 can not be used: it can not be read (there is none, though it ran here: is its disk mounted?) → mount it; where it is lost, `mcp recover --without ctl02` has it copied from the others',
  ]);
  expect(titles(gone, { without: ['ctl02'] })).toEqual(['Put the data of ctl02 aside', 'Have ctl02 join']);
  expect(ailing({ ctl02: { unit: 'activating/auto-restart', records: ['mariadb.service'] } })).toEqual([
    'ctl02',
  ]);
  expect(ailing({ ctl02: { unit: 'activating/start', records: ['mariadb.service'] } })).toEqual([]);
  expect(ailing({ ctl01: unreadable, ctl02: unreadable, ctl03: unreadable })).toEqual([]);
});

test('a member in maintenance is asked and not started; where it went furthest, it has to come back first', () => {
  const told = (seqno: number) => ({ ctl01: stoppedAt(10), ctl02: stoppedAt(10), ctl03: stoppedAt(seqno) });
  const wishes = { resting: ['ctl03'] };
  expect(titles(told(9), wishes)).not.toContain('Have ctl03 join');
  expect(refusals(told(11), wishes)).toEqual([
    'ctl03 went furthest, and is in maintenance → `mcp maintenance leave ctl03`, then this again',
  ]);
});

const knowledge = (host: string): fc.Arbitrary<Knowledge> =>
  fc.oneof(
    ...(['silent', 'unknown', 'none'] as const).map((kind) => fc.constant({ host, kind })),
    fc.record({
      ...{
        host: fc.constant(host),
        kind: fc.constant('unreadable' as const),
        reason: fc.constant('damaged'),
        isGone: fc.boolean(),
      },
      seqno: fc.option(fc.nat(20), { nil: undefined }),
    }),
    fc.record({
      ...{
        host: fc.constant(host),
        kind: fc.constant('readable' as const),
        cluster: fc.constantFrom('a', 'a', 'a', 'b'),
      },
      ...{ seqno: fc.nat(20), claimsToBeLast: fc.boolean() },
    }),
  );

test('unless the operator gives something up, nothing that anybody may have committed is lost', () => {
  fc.assert(
    fc.property(fc.tuple(...names.map(knowledge)), (known) => {
      const { truth, losses, replaced, refusals: doubts } = decide(known, { without: [], from: undefined });
      if (truth === undefined) {
        expect(doubts).not.toEqual([]);
        return;
      }
      const others = known.filter(({ host }) => host !== truth.host);
      const may = (each: Knowledge): boolean =>
        each.kind === 'none' ||
        (each.kind === 'unreadable' && (each.seqno ?? Number.MAX_VALUE) <= truth.seqno) ||
        (each.kind === 'readable' && each.cluster === truth.cluster && each.seqno <= truth.seqno);
      expect(others.filter((each) => !may(each))).toEqual([]);
      const readable = others.filter(({ kind }) => kind === 'readable');
      expect(readable.filter(({ host }) => replaced.includes(host))).toEqual([]);
      expect(losses).toEqual([]);
      // Nobody went on alone from where it left last.
      const claims = known.filter((each) => each.kind === 'readable' && each.claimsToBeLast);
      for (const each of claims) expect(each).toMatchObject({ seqno: truth.seqno });
    }),
  );
});

test('whom the operator names is the truth, and all that is given up with it is said', () => {
  fc.assert(
    fc.property(fc.tuple(...names.map(knowledge)), fc.constantFrom(...names), (known, from) => {
      const { truth, losses, refusals: doubts } = decide(known, { without: [], from });
      const named = known.find(({ host }) => host === from);
      expect(truth?.host).toBe(named?.kind === 'readable' ? from : undefined);
      if (truth === undefined) {
        expect(doubts).not.toEqual([]);
        return;
      }
      const ahead = known.filter(
        (each) => each.kind === 'readable' && each.cluster === truth.cluster && each.seqno > truth.seqno,
      );
      for (const { host } of ahead) expect(losses.some((loss) => loss.includes(host))).toBe(true);
    }),
  );
});
