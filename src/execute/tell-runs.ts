import type { FileOnHost, RunOnHost, StepOnHost } from '../model/run.ts';
import { programWith } from '../model/shell-program.ts';
import { hostPaths } from './host-paths.ts';
import { accountFrom } from './lock-record.ts';
import type { Reaching } from './lock-state.ts';
import tellRunsText from './tell-runs.sh';
import { toldLines } from './told-lines.ts';

/** The runs that a host has kept. Throws McpError where that can't be told. */
export async function runsOn(host: string, reaching: Reaching): Promise<readonly RunOnHost[]> {
  const { paths = hostPaths } = reaching;
  const lines = await toldLines(
    host,
    {
      program: programWith(tellRunsText, { values: { state: paths.state } }),
      ...{ what: 'its runs', timeoutSeconds: 30, title: 'tell of its runs' },
    },
    reaching,
  );
  return blocksOf(lines).map((block) => runIn(host, block));
}

/** Lines of one run each, beginning with its name. */
function blocksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('run ') ? [index] : []));
  return starts.map((start, index) => lines.slice(start, starts[index + 1]));
}

function runIn(host: string, block: readonly string[]): RunOnHost {
  const told = (word: string): readonly string[] =>
    block.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [number = '', run = ''] = (told('run')[0] ?? '').split(' ');
  const files = (change: FileOnHost['change']) => told(change).map((path): FileOnHost => ({ path, change }));
  return {
    host,
    run,
    number: Number(number),
    account: accountFrom(told('asked')[0] ?? ''),
    isFirst: block.includes('first'),
    isUndone: block.includes('undone'),
    steps: stepsIn(told('journal')),
    files: [...files('changed'), ...files('created'), ...files('removed')],
  };
}

/** `TIME started ID TITLE`, and `TIME ended CODE ID` once it has. */
function stepsIn(journal: readonly string[]): readonly StepOnHost[] {
  const entries = journal.map((line) => line.split(' '));
  const ends = new Map(
    entries.filter(([, what]) => what === 'ended').map(([at = '', , code, id = '']) => [id, { at, code }]),
  );
  return entries
    .filter(([, what]) => what === 'started')
    .map(([startedAt = '', , id = '', ...title]) => {
      const end = ends.get(id);
      return {
        title: title.join(' '),
        startedAt,
        seconds: end === undefined ? undefined : (milliseconds(end.at) - milliseconds(startedAt)) / 1000,
        exitCode: end === undefined ? undefined : Number(end.code),
      };
    });
}

/** A host tells its own time without saying of which zone; between two of them that does not matter. */
const milliseconds = (time: string): number => Date.parse(`${time}Z`);
