import { McpError } from '../model/failure.ts';
import { type Connection, quote, type RunResult } from '../model/transport.ts';
import { type RunContext, runFolder } from './run-context.ts';

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
 * come back, look, and take up waiting. Throws McpError `command-failed` with the script's last words.
 */
export async function runRemotely(script: RemoteScript, context: RunContext, relock: Relock): Promise<void> {
  const program = takeUpProgram(script, context);
  const result = await untilAnswered(script, context, relock, (connection) =>
    connection.run(program, {
      input: script.script,
      signal: context.signals.hard,
      timeoutSeconds: script.timeoutSeconds + 30,
    }),
  );
  if (result.exitCode === 0) return;
  throw failed(script, result);
}

/** Takes the host's lock again after its connection was lost. */
export type Relock = (host: string) => Promise<void>;

type Ask = (connection: Connection) => Promise<RunResult>;

/** A lost connection says nothing about the script: it is asked for again until the host answers. */
async function untilAnswered(
  { host, timeoutSeconds }: RemoteScript,
  context: RunContext,
  relock: Relock,
  ask: Ask,
): Promise<RunResult> {
  const { clock, signals } = context;
  const giveUpAt = clock.now() + (timeoutSeconds + reconnectSeconds) * 1000;
  for (let lost = false; ; lost = true) {
    try {
      const connection = await context.connect(host, signals.hard);
      if (lost) await relock(host);
      return await ask(connection);
    } catch (failure) {
      const passing =
        failure instanceof McpError &&
        (failure.code === 'connection-lost' || (lost && failure.code === 'unreachable'));
      if (!passing || clock.now() > giveUpAt) throw failure;
      await clock.sleep(1000, signals.hard);
    }
  }
}

const reconnectSeconds = 120;

/**
 * Starts the unit unless it was started before, waits until it has left its exit code, and prints its output: the same
 * program for the first attempt and for every return.
 */
function takeUpProgram({ id, title, timeoutSeconds }: RemoteScript, context: RunContext): string {
  const unit = `mcp-${context.run}-${id}`;
  const folder = runFolder(context);
  const base = `${folder}/steps/${id}`;
  const [script, out, code, unitWord] = [`${base}.sh`, `${base}.out`, `${base}.code`, unit].map(quote);
  const body = `sh ${script} >${out} 2>&1 </dev/null; code=$?
echo "$(date +%FT%T.%3N) ended $code ${id}" >>${quote(`${folder}/journal`)}
echo $code >${code}.new; mv ${code}.new ${code}`;
  return `
umask 077
mkdir -p -- ${quote(`${folder}/steps`)} || exit
if [ ! -e ${script} ]; then
  cat >${script}.new && mv ${script}.new ${script} || exit
  printf '%s started %s %s\\n' "$(date +%FT%T.%3N)" ${quote(id)} ${quote(title)} >>${quote(`${folder}/journal`)}
  systemd-run --quiet --collect --unit=${unitWord} --property=RuntimeMaxSec=${Math.ceil(timeoutSeconds)} \\
    --setenv=HOME=/root --working-directory=/ sh -c ${quote(body)} || { rm -f ${script}; exit ${notStartedCode}; }
fi
while [ ! -e ${code} ]; do
  if ! systemctl is-active --quiet ${unitWord}; then
    sleep 0.3
    [ -e ${code} ] || { tail -c 4000 ${out} 2>/dev/null; exit ${cutOffCode}; }
  fi
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e ${code} ] || sleep 0.05; done
done
tail -c 16000 ${out}
read -r result <${code}
exit "$result"
`;
}

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
