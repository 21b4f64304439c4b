import type { Command, Option } from 'commander';

/** A command line as far as it is typed. */
export interface Typed {
  /** The innermost verb. */
  readonly command: Command;
  /** How many operands it has. */
  readonly operands: number;
  /** The option that the next word may be a value of; `isDue`: it can be nothing else. */
  readonly option: { readonly option: Option; readonly isDue: boolean } | undefined;
  /** Names of options that were said. */
  readonly said: readonly string[];
  /** After `--`. */
  readonly onlyOperands: boolean;
}

/** Reads the words of a command line as the program would, and complains of nothing. */
export const typedIn = (program: Command, words: readonly string[]): Typed =>
  // Shells that break words at = give it as a word of its own.
  words
    .filter((word) => word !== '=')
    .reduce<Typed>(withWord, {
      command: program,
      operands: 0,
      option: undefined,
      said: [],
      onlyOperands: false,
    });

function withWord(typed: Typed, word: string): Typed {
  const { command, operands, option, onlyOperands } = typed;
  if (option?.isDue) return { ...typed, option: stillOpen(option.option) };
  if (!onlyOperands && word === '--') return { ...typed, option: undefined, onlyOperands: true };
  if (!onlyOperands && word.startsWith('-')) return withOption(typed, word);
  if (option) return { ...typed, option: stillOpen(option.option) };
  const verb = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
  return verb ? { ...typed, command: verb, said: [] } : { ...typed, operands: operands + 1 };
}

/** One that takes several values takes the next word, too. */
const stillOpen = (option: Option): Typed['option'] =>
  option.variadic ? { option, isDue: false } : undefined;

function withOption(typed: Typed, word: string): Typed {
  const [flag, value] = word.split('=', 2);
  const option = typed.command.options.find(({ long, short }) => flag === long || flag === short);
  if (!option) return { ...typed, option: undefined };
  const takesMore = (option.required || option.optional) && value === undefined;
  return {
    ...typed,
    said: [...typed.said, option.name()],
    option: takesMore ? { option, isDue: option.required } : undefined,
  };
}
