import { createInterface } from 'node:readline';
import type { Secret } from '../model/secret.ts';
import { askSecret } from './ask-secret.ts';
import { type Mask, maskWith } from './mask.ts';
import { forTerminal, type Paint, paintFor } from './paint.ts';

/** The one way out of the program: everything that is printed passes here, is masked, and commands no terminal. */
export interface Output {
  /** Whether someone looks at a terminal: colour, live rows and questions only then. */
  readonly interactive: boolean;
  /** Whether there is somebody at a terminal to be asked for a password, wherever the results go. */
  readonly hearsSecrets: boolean;
  readonly paint: Paint;
  readonly mask: Mask;
  /** Results, on standard output. */
  print(text: string): void;
  /** Failures and remarks, on standard error. */
  complain(text: string): void;
  /** What must never be shown from now on. */
  hide(secrets: Iterable<Secret>): void;
  /** Asks on the terminal; resolves true for `yes` or `y` alone. */
  confirm(question: string): Promise<boolean>;
  /** Asks for a line on the terminal; undefined where Ctrl-C or Ctrl-D is the answer. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for a password without showing it. Throws McpError `sudo-refused` where nobody can be asked. */
  askSecret(question: string): Promise<Secret>;
}

/** The streams of a process and what its environment says about them. */
export interface OutputStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function createOutput({ stdin, stdout, stderr, environment }: OutputStreams): Output {
  const hidden: Secret[] = [];
  let mask: Mask = maskWith([]);
  const interactive = stdin.isTTY === true && stdout.isTTY === true && !isContinuousIntegration(environment);
  const colour = interactive && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return {
    interactive,
    hearsSecrets: stdin.isTTY === true && !isContinuousIntegration(environment),
    paint: paintFor(colour),
    mask: (text) => mask(text),
    print: (text) => void stdout.write(`${forTerminal(mask(text))}\n`),
    complain: (text) => void stderr.write(`${forTerminal(mask(text))}\n`),
    hide(secrets) {
      hidden.push(...secrets);
      mask = maskWith(hidden);
    },
    async confirm(question) {
      const answer = await askLine(`${question} [y/N] `, { stdin, stdout });
      return answer !== undefined && /^y(es)?$/i.test(answer);
    },
    ask: (question) => askLine(`${question} `, { stdin, stdout }),
    async askSecret(question) {
      const answer = await askSecret(question, { stdin, stderr });
      this.hide([answer]);
      return answer;
    },
  };
}

/** What was typed, trimmed; undefined for Ctrl-C and Ctrl-D. */
function askLine(
  question: string,
  { stdin, stdout }: Pick<OutputStreams, 'stdin' | 'stdout'>,
): Promise<string | undefined> {
  const terminal = createInterface({ input: stdin, output: stdout });
  return new Promise((resolve) => {
    terminal.once('SIGINT', () => terminal.close());
    terminal.once('close', () => resolve(undefined));
    terminal.question(question, (answer) => {
      resolve(answer.trim());
      terminal.close();
    });
  });
}

const isContinuousIntegration = ({ CI }: OutputStreams['environment']): boolean =>
  CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
