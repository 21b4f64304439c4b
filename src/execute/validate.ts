import { McpError } from '../model/failure.ts';
import type { Validator } from '../model/probe.ts';
import type { FileResource } from '../model/resource.ts';
import { quote } from '../model/transport.ts';
import { atLowPriority } from './low-priority.ts';
import { type RunContext, runFolder } from './run-context.ts';
import { changingPaths, filesOf } from './stage.ts';

/**
 * Lets the services' own checkers look at the tree as it will be: staged files over copies of the live ones. Returns
 * the checkers whose program is not installed yet; they are asked again when it is. Throws `checker-refused` with the
 * checker's words.
 */
export async function validateOn(
  host: string,
  validators: readonly Validator[],
  context: RunContext,
): Promise<readonly Validator[]> {
  if (validators.length === 0) return [];
  const connection = await context.connect(host, context.signals.hard);
  const { exitCode, stdout, stderr } = await connection.run(validationScript(host, validators, context), {
    signal: context.signals.hard,
    timeoutSeconds: 60 + validators.length * validatorSeconds,
    title: 'check its files',
  });
  const verdicts = stdout.split('\n').filter((line) => /^(waits|passed) \d+$/.test(line));
  const indexes = (verdict: string) =>
    verdicts.filter((line) => line.startsWith(verdict)).map((line) => Number(line.split(' ')[1]));
  if (exitCode !== 0) {
    const validator = validators[verdicts.length];
    const sources = overridesIn(validator, filesOf(host, context.desired));
    throw refused(host, validator, { exitCode, words: stderr.trim(), sources });
  }
  const passed = indexes('passed').flatMap((index) => validators[index]?.name ?? []);
  if (passed.length > 0) context.emit({ type: 'files-validated', host, validators: passed });
  return indexes('waits').flatMap((index) => validators[index] ?? []);
}

/**
 * The checkers of the services that the plan acts on there, and those that read a file which changes. The others would
 * find what they found before, for a second of processor time that the host's clients wait for.
 */
export function validatorsOf(
  host: string,
  { desired, plan }: Pick<RunContext, 'desired' | 'plan'>,
): readonly Validator[] {
  const here = plan.batches.filter(({ hosts }) => hosts.some((each) => each.host === host));
  const acted = new Set(here.map(({ service }) => service));
  const changing = changingPaths(host, plan);
  return (desired.hosts.get(host)?.services ?? []).flatMap(({ service, validators }) =>
    validators.filter(({ files }) => acted.has(service) || files.some((path) => changing.has(path))),
  );
}

const validatorSeconds = 30;

function validationScript(host: string, validators: readonly Validator[], context: RunContext): string {
  const folder = runFolder(context);
  const managed = filesOf(host, context.desired).map(({ path }) => path);
  const paths = [...new Set([...managed, ...validators.flatMap(({ files }) => files)])].map(quote);
  return `
umask 077
cd /
TREE=${quote(`${folder}/tree`)}; export TREE
rm -rf -- "$TREE" && mkdir -p -- "$TREE" || exit
set -- ${paths.join(' ')}
for path; do
  [ ! -f "$path" ] || [ -e ${quote(`${folder}/stage`)}"$path" ] || cp -a --parents -- "$path" "$TREE" || exit
done
cp -a -- ${quote(`${folder}/stage`)}/. "$TREE" || exit
check() {
  command -v "$2" >/dev/null || { echo "waits $1"; return 0; }
  ${atLowPriority} timeout ${validatorSeconds} sh /dev/fd/3 >"$TREE.words" 2>&1 </dev/null || { code=$?; cat "$TREE.words" >&2; exit $code; }
  echo "passed $1"
}
${validators.map(({ program, script }, index) => `check ${index} ${quote(program)} 3<<'${scriptEnd}'\n${script}\n${scriptEnd}`).join('\n')}
rm -rf -- "$TREE" "$TREE.words"`;
}

const scriptEnd = 'END-OF-CHECKER';

interface Refusal {
  readonly exitCode: number;
  readonly words: string;
  /** Files of overrides. */
  readonly sources: readonly string[];
}

/** What the operator wants different in the files that a checker looked at. */
const overridesIn = (validator: Validator | undefined, files: readonly FileResource[]): readonly string[] => [
  ...new Set(
    files.filter(({ path }) => validator?.files.includes(path)).flatMap(({ overrides }) => overrides),
  ),
];

function refused(
  host: string,
  validator: Validator | undefined,
  { exitCode, words, sources }: Refusal,
): McpError {
  const name = validator?.name ?? 'preparing the files';
  const end = exitCode === 124 ? 'did not end in time' : 'refused the new files';
  return new McpError('checker-refused', `${host}: ${name} ${end}${words === '' ? '' : `:\n${words}`}`, {
    host,
    hint:
      sources.length === 0
        ? 'correct the template, the override or the setting it comes from; no configuration was changed'
        : `look first at what went into it: ${sources.join(', ')}; no configuration was changed`,
  });
}
