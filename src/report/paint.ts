import { randomUUID } from 'node:crypto';
import { Chalk } from 'chalk';
import { visibleText } from './visible-text.ts';

/** Colours for a terminal, or none: every text of this room takes one, so that plain text is the same text. */
export type Paint = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

const styles = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

/**
 * What is painted is a terminal's command only once `forTerminal` has made it one. Until then a colour is a word that nobody
 * else can write, so a host's or a file's own commands can be told from ours wherever they stand.
 */
export function paintFor(colour: boolean): Paint {
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  const painted = (style: (typeof styles)[number]) => (text: string) =>
    colour ? sealed(chalk[style](forTerminal(text))) : text;
  return {
    bold: painted('bold'),
    dim: painted('dim'),
    red: painted('red'),
    green: painted('green'),
    yellow: painted('yellow'),
    cyan: painted('cyan'),
  };
}

export const plain: Paint = paintFor(false);

/** Our colours as a terminal's commands; those of others as text that can be read. */
export const forTerminal = (text: string): string => opened(visibleText(text));

/** Without our colours, which take no room on a terminal. */
export const unpainted = (text: string): string => text.replace(colours, '');

const escapeCharacter = String.fromCharCode(0x1b);
/** From the private use area, and another in every process. */
const seal = `\u{e0ca}${randomUUID()}\u{e0cb}`;
const colours = new RegExp(`${seal}\\[[0-9;]*m`, 'g');

const sealed = (text: string): string => text.replaceAll(escapeCharacter, seal);
const opened = (text: string): string => text.replaceAll(seal, escapeCharacter);
