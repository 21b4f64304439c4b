import type { Fault, Harm, Turn, Wire } from '../support/wire.ts';
import { ratio } from './wired-host.ts';

/** What a run is about. All of them are done on one host. */
export const stories = ['first', 'change', 'guarded'] as const;
export type Story = (typeof stories)[number];

/** What befalls the wire, in the run's time. */
const harms: readonly Harm[] = [
  { kind: 'reset' },
  { kind: 'close' },
  { kind: 'half-open' },
  { kind: 'stall', milliseconds: 60_000 / ratio },
  { kind: 'byte-by-byte' },
  { kind: 'delay', milliseconds: 200 / ratio },
];

/** A run and what befalls it. */
export interface Point {
  readonly number: number;
  readonly story: Story;
  readonly fault: Fault;
}

/** How much is said in a run that nothing befalls. */
export type Talk = Pick<Wire, 'bytes' | 'turns'>;

/**
 * Points drawn from all bytes of both directions, each kind of harm as often. Half of them lie in turns drawn from all
 * turns: most bytes are those of long programs, and the answers of a few bytes are what a run goes by.
 */
export function drawPoints(
  count: number,
  { seed, talks }: { readonly seed: number; readonly talks: ReadonlyMap<Story, Talk> },
): readonly Point[] {
  const random = numbersFrom(seed);
  const oneOf = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  };
  return Array.from({ length: count }, (_, number) => {
    const story = oneOf([...talks.keys()]);
    const harm = harms[number % harms.length] ?? oneOf(harms);
    const isOfAllBytes = Math.floor(number / harms.length) % 2 === 0;
    const talk = talks.get(story);
    if (talk === undefined) throw new Error(`${story} was not measured`);
    const place = isOfAllBytes ? byteIn(talk, random()) : within(oneOf(talk.turns), talk, random());
    return { number, story, fault: { harm, ...place } };
  });
}

function byteIn({ bytes }: Talk, share: number): Pick<Fault, 'direction' | 'at'> {
  const at = Math.floor(share * (bytes['to-host'] + bytes['to-client']));
  return at < bytes['to-host']
    ? { direction: 'to-host', at }
    : { direction: 'to-client', at: at - bytes['to-host'] };
}

function within(turn: Turn, { bytes, turns }: Talk, share: number): Turn {
  const { direction, at } = turn;
  const next = turns.find((each) => each.direction === direction && each.at > at);
  return { direction, at: at + Math.floor(share * ((next?.at ?? bytes[direction]) - at)) };
}

/** Mulberry32: the same numbers for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
