import { McpError } from '../model/failure.ts';
import type { HostPlan } from '../model/plan.ts';
import type { FileResource } from '../model/resource.ts';
import { quote, type RunResult } from '../model/transport.ts';
import { sha256 } from '../resources/index.ts';
import { type RunContext, runFolder } from './run-context.ts';

/** Puts every file that will change on a host into the run's folder there; nothing outside of it is written. */
export async function stageFiles(host: string, context: RunContext): Promise<void> {
  const files = changingFiles(host, context);
  const connection = await context.connect(host, context.signals.hard);
  const result = await connection.run(stageScript(files, runFolder(context)), {
    input: Buffer.concat(files.map(({ content }) => Buffer.from(content))),
    signal: context.signals.hard,
    timeoutSeconds: 60,
    title: 'stage its files',
  });
  if (result.exitCode !== 0) throw stagingFailed(host, result);
  context.emit({ type: 'files-staged', host, files: files.length });
}

/** The files of a host that the plan swaps, in the plan's order. */
function changingFiles(host: string, { plan, desired }: RunContext): readonly FileResource[] {
  const paths = changingPaths(host, plan);
  return filesOf(host, desired).filter(({ path }) => paths.has(path));
}

export const changingPaths = (host: string, { batches }: RunContext['plan']): ReadonlySet<string> =>
  new Set(
    batches
      .flatMap(({ hosts }) => hosts)
      .filter((each) => each.host === host)
      .flatMap(swappedPaths),
  );

export const swappedPaths = ({ steps }: HostPlan): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'swap-files' ? step.paths : []));

/** Those that it takes away. */
export const removedPaths = ({ steps }: HostPlan): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'remove-files' ? step.paths : []));

/** Every managed file of a host, each path once. */
export function filesOf(host: string, desired: RunContext['desired']): readonly FileResource[] {
  const files = (desired.hosts.get(host)?.services ?? [])
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.kind === 'file');
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** The contents come one after the other on stdin; their lengths stand here, and their hashes are checked at the end. */
function stageScript(files: readonly FileResource[], folder: string): string {
  const stage = `${folder}/stage`;
  const directories = [
    ...new Set(files.map(({ path }) => `${stage}${path.slice(0, path.lastIndexOf('/'))}`)),
  ];
  const takes = files.map(
    ({ path, content }) => `take ${Buffer.byteLength(content)} ${quote(`${stage}${path}`)}`,
  );
  const sums = files.map(({ path, content }) => `${sha256(content)}  ${stage}${path}`);
  return `
umask 077
mkdir -p -- ${[`${folder}/before`, stage, ...directories].map(quote).join(' ')} || exit
take() { head -c "$1" >"$2" || exit; }
${takes.join('\n')}
${files.length === 0 ? ':' : `sha256sum --check --quiet <<'${sumsEnd}'\n${sums.join('\n')}\n${sumsEnd}`}`;
}

const sumsEnd = 'END-OF-SUMS';

const stagingFailed = (host: string, { stdout, stderr }: RunResult): McpError =>
  new McpError('command-failed', `${host}: the files can't be staged: ${`${stderr}${stdout}`.trim()}`, {
    host,
    hint: 'look at free space below /var/lib/mcp; nothing outside of it was touched',
  });
