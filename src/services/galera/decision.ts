import type { Refusal } from '../../model/plan.ts';
import type { Knowledge, ReadableKnowledge } from './knowledge.ts';

/** Whose data is the truth, and what that costs; or why nobody but the operator can say. */
export interface Decision {
  /** Undefined where it is refused. */
  readonly truth: ReadableKnowledge | undefined;
  /** Members whose data is put aside: they copy all of the truth. */
  readonly replaced: readonly string[];
  /**
   * Somebody who may have gone on otherwise is given up and can't be seen to: the truth gets a history of its own, or it
   * would take that one in as one who only missed a little.
   */
  readonly isNewHistory: boolean;
  readonly losses: readonly string[];
  readonly refusals: readonly Refusal[];
}

export interface Wishes {
  readonly without: readonly string[];
  readonly from: string | undefined;
}

/**
 * The member that went furthest is the truth, as long as it is certain that none went further and that all went the same
 * way. Where it is not, it is the operator who says so: `without` gives up what a silent member knows, `from` gives up
 * what all others know.
 */
export function decide(known: readonly Knowledge[], wishes: Wishes): Decision {
  const readable = known.filter((each): each is ReadableKnowledge => each.kind === 'readable');
  const furthest = furthestOf(readable);
  const truth = wishes.from === undefined ? furthest : readable.find(({ host }) => host === wishes.from);
  const refusals = [
    ...misnamed(known, wishes),
    ...(truth === undefined && wishes.from === undefined ? [nothingLeft(known)] : []),
    ...(wishes.from === undefined && furthest !== undefined ? doubts(known, readable, furthest, wishes) : []),
  ];
  if (truth === undefined || refusals.length > 0) {
    return { truth: undefined, replaced: [], isNewHistory: false, losses: [], refusals };
  }
  const others = known.filter(({ host }) => host !== truth.host);
  return {
    truth,
    replaced: others.filter((other) => isReplaced(other, truth)).map(({ host }) => host),
    isNewHistory: others.some(({ kind }) => kind === 'silent' || kind === 'unknown'),
    losses: others.flatMap((other) => lossOf(other, truth)),
    refusals: [],
  };
}

/** Equal ones have the same data: then whoever says that it left last, and the first in the inventory. */
const furthestOf = (readable: readonly ReadableKnowledge[]): ReadableKnowledge | undefined =>
  readable.toSorted(
    (one, other) => other.seqno - one.seqno || Number(other.claimsToBeLast) - Number(one.claimsToBeLast),
  )[0];

/** One that says it left last and is not the truth went on alone, wherever its numbers are: it can't just catch up. */
const isReplaced = (other: Knowledge, truth: ReadableKnowledge): boolean =>
  other.kind === 'unreadable' ||
  (other.kind === 'readable' &&
    (other.cluster !== truth.cluster || other.seqno > truth.seqno || other.claimsToBeLast));

function misnamed(known: readonly Knowledge[], { without, from }: Wishes): readonly Refusal[] {
  const named = known.find(({ host }) => host === from);
  return [
    ...without.flatMap((host) => {
      const it = known.find((each) => each.host === host);
      return it === undefined || (it.kind !== 'readable' && it.kind !== 'unknown')
        ? []
        : [
            refusal(
              host,
              `${host} answers: there is no need to go on without it`,
              `leave out --without ${host}`,
            ),
          ];
    }),
    ...(from === undefined || named?.kind === 'readable'
      ? []
      : [
          refusal(
            from,
            named === undefined
              ? `${from} is no member of the database`
              : `the data of ${from} can not be the truth: ${wordsFor(named)}`,
            'name a member whose data can be read',
          ),
        ]),
  ];
}

function doubts(
  known: readonly Knowledge[],
  readable: readonly ReadableKnowledge[],
  furthest: ReadableKnowledge,
  { without }: Wishes,
): readonly Refusal[] {
  const silent = known.filter(({ kind, host }) => kind === 'silent' && !without.includes(host));
  const unknown = known.filter(({ kind }) => kind === 'unknown');
  const ahead = known.flatMap((each) =>
    each.kind === 'unreadable' &&
    !without.includes(each.host) &&
    (each.seqno === undefined || each.seqno > furthest.seqno)
      ? [each]
      : [],
  );
  const clusters = new Set(readable.map(({ cluster }) => cluster));
  // Who left last has most: one that says so and has less went on alone from there.
  const claims = readable.filter(({ claimsToBeLast }) => claimsToBeLast);
  const isBehind = claims.some(({ seqno }) => seqno < furthest.seqno);
  const claiming = isBehind ? [...new Set([...claims, furthest])] : claims;
  const candidates = (hosts: readonly ReadableKnowledge[]): string =>
    hosts.map(({ host }) => `\`mcp recover --from ${host}\``).join(' or ');
  return [
    ...silent.map(({ host }) =>
      refusal(
        host,
        `${host} does not answer: it may have committed what the others do not have`,
        `bring ${host} back, or go on without what it alone has: \`mcp recover --without ${host}\``,
      ),
    ),
    ...unknown.map(({ host }) =>
      refusal(
        host,
        `${host} did not say in time how far its data goes`,
        `run this again; where that stays so: ${candidates([furthest])}`,
      ),
    ),
    ...ahead.map(({ host, seqno, reason }) =>
      refusal(
        host,
        seqno === undefined
          ? `the data of ${host} can not be read, and may go further than any other: ${reason}`
          : `the data of ${host} goes up to transaction ${seqno}, further than any other, and can not be read: ${reason}`,
        `repair it, or go on without what it alone has: \`mcp recover --without ${host}\``,
      ),
    ),
    ...(clusters.size > 1
      ? [
          refusal(
            readable[0]?.host ?? '',
            `the data of ${readable.map(({ host }) => host).join(' and ')} are of ${clusters.size} clusters that have nothing in common`,
            `look at which is yours, then ${candidates(readable)}`,
          ),
        ]
      : []),
    ...(clusters.size === 1 && claiming.length > 1
      ? [
          refusal(
            claiming[0]?.host ?? '',
            `${claims.map(({ host, seqno }) => `${host} (transaction ${seqno})`).join(' and ')} ${claims.length > 1 ? 'both say that they were' : 'says that it was'} the last to leave${isBehind && !furthest.claimsToBeLast ? `, and ${furthest.host} has transaction ${furthest.seqno}` : ''}`,
            `one was started alone meanwhile: look at which has the newer rows, then ${candidates(claiming)}`,
          ),
        ]
      : []),
  ];
}

function lossOf(other: Knowledge, truth: ReadableKnowledge): readonly string[] {
  const kept = 'its data is put aside on the host';
  switch (other.kind) {
    case 'none':
      return [];
    case 'unknown':
      return [`what only ${other.host} has committed, if anything: it did not say in time`];
    case 'silent':
      return truth.claimsToBeLast
        ? []
        : [`what only ${other.host} has committed, if anything: it does not answer`];
    case 'unreadable':
      return other.seqno !== undefined && other.seqno <= truth.seqno
        ? []
        : [
            `what only ${other.host} has committed, if anything: its data can not be read (${other.reason}); ${kept}`,
          ];
    case 'readable':
      if (other.cluster !== truth.cluster)
        return [`all that ${other.host} has: it is of another cluster; ${kept}`];
      if (other.seqno > truth.seqno) {
        return [`transactions ${truth.seqno + 1} to ${other.seqno} of ${other.host}; ${kept}`];
      }
      return other.claimsToBeLast ? [`what ${other.host} has committed alone; ${kept}`] : [];
  }
}

export const wordsFor = (each: Knowledge): string => {
  switch (each.kind) {
    case 'silent':
      return 'it does not answer';
    case 'unknown':
      return 'it did not say in time';
    case 'none':
      return 'it has none';
    case 'unreadable':
      return `it can not be read (${each.reason})`;
    case 'readable':
      return `up to transaction ${each.seqno}`;
  }
};

function nothingLeft(known: readonly Knowledge[]): Refusal {
  const words = known.map((each) => `${each.host}: ${wordsFor(each)}`).join('; ');
  const unknown = known.find(({ kind }) => kind === 'unknown');
  if (unknown !== undefined) {
    return refusal(
      unknown.host,
      `no member of the database says how far its data goes: ${words}`,
      'run this again: a server that is just stopping or starting can not tell',
    );
  }
  return refusal(
    known[0]?.host ?? '',
    `no member of the database has data that can be read: ${words}`,
    'restore a backup on one of them',
  );
}

const refusal = (host: string, message: string, hint: string): Refusal => ({
  kind: 'degraded',
  host,
  message,
  hint,
});
