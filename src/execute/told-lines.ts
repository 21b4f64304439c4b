import { McpError } from '../model/failure.ts';
import type { Reaching } from './lock-state.ts';

/** A question to a host, answered in lines of which the last is `end`. */
interface Question {
  readonly program: string;
  readonly timeoutSeconds: number;
  readonly title: string;
  /** What it tells, in words: `its runs`. */
  readonly what: string;
  /** What a code of the program's own means, beside that it failed. */
  readonly failures?: ReadonlyMap<number, McpError>;
}

/** What a host answers, without the last line. Throws McpError where it can't, or where the answer is not whole. */
export async function toldLines(
  host: string,
  { program, what, timeoutSeconds, title, failures }: Question,
  { connect, signal }: Reaching,
): Promise<readonly string[]> {
  const connection = await connect(host, signal);
  const { exitCode, stdout, stderr } = await connection.run(program, {
    ...(signal === undefined ? {} : { signal }),
    ...{ timeoutSeconds, title },
  });
  const failure = failures?.get(exitCode);
  if (failure !== undefined) throw failure;
  if (exitCode !== 0) {
    throw new McpError('command-failed', `${host}: ${what} can't be told: ${stderr.trim()}`, { host });
  }
  const lines = stdout.trimEnd().split('\n');
  if (lines.at(-1) !== 'end') {
    throw new McpError('reply-truncated', `${host}: what it tells of ${what} is not whole`, { host });
  }
  return lines.slice(0, -1);
}
