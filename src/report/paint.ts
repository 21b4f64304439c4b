import { Chalk, type ChalkInstance } from 'chalk';

/** Colours for a terminal, or none: every text of this room takes one, so that plain text is the same text. */
export type Paint = ChalkInstance;

export const paintFor = (colour: boolean): Paint => new Chalk({ level: colour ? 1 : 0 });

export const plain: Paint = paintFor(false);
