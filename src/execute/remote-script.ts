import { type FailureCode, McpError } from '../model/failure.ts';
import { programWith } from '../model/shell-program.ts';
import type { RunResult } from '../model/transport.ts';
import { type Acting, runLocked } from './own-lock.ts';
import { type RunContext, runFolder } from './run-context.ts';
import takeUpText from './take-up.sh';

/** A script that must outlive the connection. */
export interface RemoteScript {
  readonly host: string;
  /** Unique in the run: `3-2`. The unit on the host is `mcp-RUN-3-2`. */
  readonly id: string;
  readonly title: string;
  readonly script: string;
  readonly timeoutSeconds: number;
}

/**
 * Runs a script as a transient unit and waits for its end. When the connection is lost meanwhile, the unit runs on: we
 * come back, look, and take up waiting. Throws McpError `command-failed` with the script's last words, and `locked`
 * where another run has taken the host meanwhile.
 */
export async function runRemotely(script: RemoteScript, acting: Acting): Promise<void> {
  const program = takeUpProgram(script, acting.context);
  const result = await untilAnswered(script, acting, () =>
    runLocked(script.host, program, {
      acting,
      input: script.script,
      timeoutSeconds: script.timeoutSeconds + 30,
      title: script.title,
    }),
  );
  if (result.exitCode === 0) return;
  throw failed(script, result);
}

/** A lost connection says nothing about the script: it is asked for again until the host answers. */
async function untilAnswered(
  { timeoutSeconds }: RemoteScript,
  { context: { clock, signals } }: Acting,
  ask: () => Promise<RunResult>,
): Promise<RunResult> {
  const giveUpAt = clock.now() + (timeoutSeconds + reconnectSeconds) * 1000;
  for (let lost = false; ; lost = true) {
    try {
      return await ask();
    } catch (failure) {
      const passing =
        failure instanceof McpError &&
        (failure.code === 'connection-lost' || (lost && whileAway.includes(failure.code)));
      if (!passing || clock.now() > giveUpAt) throw failure;
      await clock.sleep(1000, signals.hard);
    }
  }
}

const reconnectSeconds = 120;

/** What a host that is back from a power cut answers at first: until it has booted PAM lets in nobody but root. */
const whileAway: readonly FailureCode[] = ['unreachable', 'login-refused'];

/** The same program for the first attempt and for every return. */
const takeUpProgram = ({ id, title, timeoutSeconds }: RemoteScript, context: RunContext): string =>
  programWith(takeUpText, {
    values: {
      folder: runFolder(context),
      id,
      title,
      unit: `mcp-${context.run}-${id}`,
      seconds: Math.ceil(timeoutSeconds),
      not_started_code: notStartedCode,
      cut_off_code: cutOffCode,
    },
  });

const notStartedCode = 251;
const cutOffCode = 252;

function failed({ host, title }: RemoteScript, { exitCode, stdout, stderr }: RunResult): McpError {
  const words = lastLines(`${stdout}\n${stderr}`);
  const end =
    exitCode === cutOffCode
      ? 'was cut off on the host (time is up, or a power cut)'
      : exitCode === notStartedCode
        ? 'could not be started'
        : `exited ${exitCode}`;
  return new McpError('command-failed', `${host}: ${title}: ${end}${words === '' ? '' : `\n${words}`}`, {
    host,
    hint: 'correct the cause and run the same command again: what was done stays done',
  });
}

const lastLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-20)
    .join('\n');
