import { commitInWords } from '../model/commit.ts';
import type { McpError } from '../model/failure.ts';
import { minuteOf } from '../model/minute.ts';
import {
  endOf,
  type KnownRun,
  type RunAccount,
  type RunEnd,
  type RunOnHost,
  type StepOnHost,
} from '../model/run.ts';
import { type Paint, plain } from './paint.ts';
import { jsonVersion } from './plan-json.ts';
import { tableAsText } from './table.ts';
import { counted, duration, indented } from './words.ts';

/** The runs that are known of, and the hosts that could not be asked. */
interface ShownHistory {
  readonly cloud: string;
  readonly runs: readonly KnownRun[];
  readonly silent: readonly { readonly host: string; readonly failure: McpError }[];
}

/** The last runs, the latest last: when, what, who, from which commit, where, and how they ended. */
export function historyAsText({ runs, silent }: ShownHistory, paint: Paint = plain): string {
  const unasked = silent.map(({ host, failure }) => `${paint.yellow('!')} ${host}: ${firstLine(failure)}`);
  if (runs.length === 0) return ['no run is known of', ...unasked].join('\n');
  const columns = ['run', 'when (UTC)', 'verb', 'by', 'commit', 'files', 'ended', 'hosts'];
  const rows = runs.map((run) => {
    const { account } = run;
    return [
      run.run,
      account === undefined ? '' : minuteOf(account.since),
      account?.verb ?? '',
      account === undefined ? 'an earlier version' : whoseOf(account),
      account?.commit === undefined ? '' : commitInWords(account.commit),
      `${filesIn(run)}`,
      endWords[endOf(run)],
      run.hosts.map(({ host }) => host).join(' '),
    ];
  });
  return [tableAsText(columns, rows, paint), ...unasked].join('\n');
}

/** The same for machines. */
export const historyAsJson = ({ cloud, runs, silent }: ShownHistory): object => ({
  type: 'history',
  version: jsonVersion,
  cloud,
  runs: runs.map((run) => ({
    ...headAsJson(run),
    hosts: run.hosts.map(({ host }) => host),
    files: filesIn(run),
  })),
  silent: silent.map(({ host, failure }) => ({ host, reason: failure.message })),
});

/** What one run has done on each host: its steps, and the files that it has changed. */
export function runAsText(run: KnownRun, paint: Paint = plain): string {
  const { account } = run;
  const head =
    account === undefined
      ? ['by an earlier version of mcp']
      : [
          `${account.verb} by ${whoseOf(account)}, ${minuteOf(account.since)} UTC`,
          ...(account.commit === undefined ? [] : [`commit ${commitInWords(account.commit)}`]),
          ...(account.job === undefined ? [] : [account.job]),
        ];
  const missing = (account?.hosts ?? []).filter((name) => run.hosts.every(({ host }) => host !== name));
  return [
    paint.bold(`run ${run.run}: ${endWords[endOf(run)]}`),
    ...head,
    ...run.hosts.map((host) => `\n${hostAsText(host, paint)}`),
    ...(missing.length === 0 ? [] : [`\n${paint.yellow('!')} not told by ${missing.join(' ')}`]),
  ].join('\n');
}

/** The same for machines. */
export const runAsJson = (run: KnownRun): object => ({
  type: 'run',
  version: jsonVersion,
  ...headAsJson(run),
  hosts: run.hosts.map(({ host, isUndone, steps, files }) => ({
    host,
    undone: isUndone,
    steps: steps.map(({ seconds, exitCode, ...step }) => ({
      ...step,
      seconds: seconds ?? null,
      exitCode: exitCode ?? null,
    })),
    files,
  })),
});

/** Which runs are about to be taken back. */
export const undoneAsText = (undone: readonly KnownRun[], paint: Paint = plain): string =>
  [
    paint.bold(`${counted(undone.length, 'run')} to take back`),
    ...undone.map(({ run, account }) => {
      if (account === undefined) return run;
      const commit = account.commit === undefined ? '' : `, commit ${commitInWords(account.commit)}`;
      return `${run}  ${account.verb} by ${whoseOf(account)}, ${minuteOf(account.since)} UTC${commit}`;
    }),
  ].join('\n');

const headAsJson = (run: KnownRun): object => ({
  run: run.run,
  number: run.number,
  verb: run.account?.verb ?? null,
  by: run.account?.by ?? null,
  from: run.account?.from ?? null,
  since: run.account?.since ?? null,
  job: run.account?.job ?? null,
  commit: run.account?.commit ?? null,
  ended: endOf(run),
});

function hostAsText({ host, isUndone, steps, files }: RunOnHost, paint: Paint): string {
  const undone = isUndone ? paint.yellow('  has put its old files back') : '';
  const marks = { changed: paint.yellow('~'), created: paint.green('+'), removed: paint.red('-') };
  const body = [
    ...steps.map((step) => stepAsLine(step, paint)),
    ...files.map(({ path, change }) => `${marks[change]} ${path}`),
  ];
  return [`${paint.cyan(host)}${undone}`, indented(body.join('\n'), 2)].join('\n');
}

function stepAsLine({ title, startedAt, seconds, exitCode }: StepOnHost, paint: Paint): string {
  const took = seconds === undefined ? '' : duration(seconds);
  const end =
    exitCode === undefined ? paint.red('  no end') : exitCode === 0 ? '' : paint.red(`  exited ${exitCode}`);
  return `${startedAt.slice(11, 19)} ${took.padStart(12)}  ${title}${end}`;
}

const endWords: Readonly<Record<RunEnd, string>> = {
  undone: 'undone by its host',
  'step-failed': 'a step failed',
  'cut-off': 'cut off, or under way',
  'steps-done': 'every step done',
  'nothing-done': 'no step begun',
};

const whoseOf = ({ by, from }: RunAccount): string => `${by}@${from}`;

const firstLine = ({ message }: McpError): string => message.split('\n')[0] ?? '';

/** The same path on several hosts are several files. */
const filesIn = ({ hosts }: KnownRun): number => hosts.reduce((sum, { files }) => sum + files.length, 0);
