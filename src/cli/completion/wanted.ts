import type { Argument, Command, Option } from 'commander';
import type { NameKind } from '../../workflows/names.ts';
import { type Typed, typedIn } from './typed.ts';

/** What a shell may offer in place of the word that is being typed. */
export interface Wanted {
  /** Words of the program itself: its verbs, options and choices. */
  readonly words: readonly Word[];
  /** Names that the inventory knows; `setting`: paths of `mcp explain`. */
  readonly names?: NameKind | 'setting';
  readonly files?: 'files' | 'dirs';
}

export interface Word {
  readonly name: string;
  readonly about: string;
}

/** What may come after `before`, a command line of `program` without its name. */
export function wantedAfter(program: Command, before: readonly string[], current: string): Wanted {
  const typed = typedIn(program, before);
  const { option, onlyOperands } = typed;
  if (option?.isDue) return valuesOf(option.option);
  if (current.startsWith('-') && !onlyOperands) return { words: optionsLeft(typed) };
  return option ? valuesOf(option.option) : operandsOf(typed);
}

function operandsOf({ command, operands }: Typed): Wanted {
  const verbs = operands === 0 ? command.createHelp().visibleCommands(command) : [];
  if (verbs.length > 0) {
    return { words: verbs.map((verb) => ({ name: verb.name(), about: verb.description() })) };
  }
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[operands] ?? (last?.variadic ? last : undefined);
  return argument ? valuesOf(argument) : { words: [] };
}

/** What is said already, and may not be said twice, is left out. */
const optionsLeft = ({ command, said }: Typed): readonly Word[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => option.variadic || !said.includes(option.name()))
    .map((option) => ({ name: option.long ?? option.flags, about: option.description }));

/** By the choices of an option or argument, else by what it is called in the usage: `<host...>`. */
function valuesOf(asked: Option | Argument): Wanted {
  if (asked.argChoices) return { words: asked.argChoices.map((name) => ({ name, about: '' })) };
  const called = 'flags' in asked ? (/[<[]([^.>\]]+)/.exec(asked.flags)?.[1] ?? '') : asked.name();
  return { words: [], ...byPlaceholder[called] };
}

const byPlaceholder: Readonly<Record<string, Omit<Wanted, 'words'>>> = {
  file: { files: 'files' },
  dir: { files: 'dirs' },
  plan: { files: 'files' },
  'plan|run': { files: 'files' },
  host: { names: 'host' },
  target: { names: 'machine-or-host' },
  certificate: { names: 'certificate' },
  fault: { names: 'fault' },
  secret: { names: 'secret' },
  path: { names: 'setting' },
};
