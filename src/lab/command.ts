import { execFile } from 'node:child_process';
import { McpError } from '../model/failure.ts';

export interface CommandReply {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutSeconds?: number;
}

/** Runs a program of this machine and returns what it printed; anything but exit code 0 is a `lab-failed`. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await attempt(argv, options);
  if (exitCode === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  throw new McpError('lab-failed', `${argv.join(' ')} exited ${exitCode}: ${said}`, {
    command: argv.join(' '),
  });
}

/** Runs a program whose failure is an answer too. A program that a signal or the timeout ended has exit code -1. */
export function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<CommandReply> {
  const [program = '', ...words] = argv;
  const limits = {
    maxBuffer: 64 * 1024 * 1024,
    timeout: (options.timeoutSeconds ?? 0) * 1000,
    env: environment(),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, limits, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') reject(missing(program));
      else resolve({ exitCode: exitCodeOf(error), stdout, stderr });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Programs of the administrator are not on every user's PATH; their messages are read by us, so not translated. */
export const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
});

function exitCodeOf(error: { readonly code?: string | number | null } | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : -1;
}

const missing = (program: string): McpError =>
  new McpError('prerequisite-missing', `the program ${program} is missing on this machine`, {
    hint: `install the Debian package that has ${program}`,
  });
