import type { DesiredHost } from '../model/desired.ts';
import type { UnitRecord } from '../model/observed.ts';
import type { FileResource } from '../model/resource.ts';
import type { Step } from '../model/step.ts';
import { quote } from '../model/transport.ts';
import { sha256 } from '../resources/index.ts';
import type { HostPaths } from './host-paths.ts';
import { installScript } from './install-packages.ts';
import { membershipScript, settleBelongings } from './membership-record.ts';

/** What the script of a step must know of its host. */
export interface StepPlace {
  readonly paths: HostPaths;
  /** The run's folder on the host. */
  readonly folder: string;
  readonly desired: DesiredHost;
}

/** The POSIX sh program that performs a step on its host: the only place where plan data becomes an effect. */
export function scriptFor(step: Step, place: StepPlace): string {
  switch (step.kind) {
    case 'install-packages':
      return installScript(step.packages, place.paths);
    case 'make-directory':
      return `install -d -m ${quote(step.mode)} -o ${quote(step.owner)} -g ${quote(step.group)} -- ${quote(step.path)}`;
    case 'swap-files':
      return swapScript(filesNamed(step.paths, place.desired), step.forgets ?? [], place);
    case 'unit':
      return step.action === 'retire'
        ? retireScript(step.unit, place)
        : `${unitScript(step.unit, step.action)}\n${recordScript(step.unit, step.record, place)}`;
    case 'bootstrap':
      return recordedScript(step.script, step.unit, step.record, place);
    case 'task':
      return recordedScript(
        step.script,
        `task-${step.name}`,
        { restart: step.fingerprint, reload: '' },
        place,
      );
    case 'remove-files':
      return removeScript(step, place);
    case 'remove-data':
      return step.paths.map((path) => `rm -rf -- ${quote(path)} || exit`).join('\n');
    case 'record-membership':
      return `cd ${quote(place.paths.state)} || exit\n${settleBelongings(place.desired)}\n${membershipScript(step.membership)}`;
    case 'release':
      return releaseScript(place);
  }
}

/** What a step does, in a few words, for whoever watches. */
export function titleOf(step: Step): string {
  switch (step.kind) {
    case 'install-packages':
      return `install ${step.packages.length} packages`;
    case 'make-directory':
      return `make ${step.path}`;
    case 'swap-files':
      return step.paths.length === 1 ? `write ${step.paths[0]}` : `write ${step.paths.length} files`;
    case 'unit':
      return step.action === 'reload-daemon' ? 'reload systemd' : `${unitVerbs[step.action]} ${step.unit}`;
    case 'bootstrap':
    case 'task':
      return step.title;
    case 'remove-files':
      return `remove ${step.paths.length === 1 ? step.paths[0] : `${step.paths.length} files`}`;
    case 'remove-data':
      return `remove the data in ${step.paths.join(' and ')}`;
    case 'record-membership':
      return 'record who belongs to the cloud';
    case 'release':
      return 'belong to no cloud';
  }
}

/** Seconds after which a step counts as hanging: a joining member may copy a whole database. */
export function deadlineOf(step: Step): number {
  switch (step.kind) {
    case 'install-packages':
      return 1800;
    case 'make-directory':
    case 'swap-files':
    case 'remove-files':
    case 'record-membership':
    case 'release':
      return 60;
    case 'remove-data':
    case 'unit':
    case 'bootstrap':
    case 'task':
      return 960;
  }
}

type UnitAction = Extract<Step, { kind: 'unit' }>['action'];

const unitVerbs: Readonly<Record<UnitAction, string>> = {
  start: 'start',
  restart: 'restart',
  reload: 'reload',
  enable: 'enable',
  'disable-and-stop': 'stop and disable',
  'reload-daemon': 'reload',
  retire: 'stop and disable',
};

function filesNamed(paths: readonly string[], desired: DesiredHost): readonly FileResource[] {
  const files = desired.services
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.kind === 'file');
  return paths.map((path) => {
    const file = files.find((each) => each.path === path);
    if (file === undefined)
      throw new Error(`the plan swaps ${path}, which nothing describes on ${desired.host}`);
    return file;
  });
}

/**
 * Every new file is complete, owned and on disk beside its target before the first one is renamed, so a full disk or an
 * unknown owner changes nothing. While they are renamed no hash is recorded for them: a run that is cut off there must
 * not make our own file look like somebody's edit.
 */
function swapScript(
  files: readonly FileResource[],
  forgets: readonly string[],
  { paths: { state }, folder }: StepPlace,
): string {
  const paths = files.map(({ path }) => quote(path));
  const placed = files.map(
    ({ path, mode, owner, group }) => `place ${[mode, owner, group, path].map(quote).join(' ')}`,
  );
  const applied = files.map(({ path, content }) => `${sha256(content)}  ${path}`);
  return `
set -- ${paths.join(' ')}
trap 'for path; do rm -f -- "$path.mcp-new"; done' EXIT
place() {
  mkdir -p -- "\${4%/*}" && install -m "$1" -o "$2" -g "$3" -- ${quote(`${folder}/stage`)}"$4" "$4.mcp-new"
}
record_applied() {
  { while read -r sum path; do
      case "$listed" in *" $path "*) ;; *) printf '%s  %s\\n' "$sum" "$path" ;; esac
    done <${quote(`${state}/files`)}
    cat; } >${quote(`${state}/files.new`)} || return
  sync ${quote(`${state}/files.new`)} && mv -f -- ${quote(`${state}/files.new`)} ${quote(`${state}/files`)}
}
set -e
cd /
${placed.join('\n')}
for path; do [ ! -e "$path" ] || cp -an --parents -- "$path" ${quote(`${folder}/before`)}; done
# What was there before any run, for the day on which the host leaves.
mkdir -p -- ${quote(`${state}/originals`)}
touch ${quote(`${state}/files`)}
for path; do
  [ ! -e "$path" ] || grep -qF -- "  $path" ${quote(`${state}/files`)} || cp -an --parents -- "$path" ${quote(`${state}/originals`)}
done
for path; do sync "$path.mcp-new"; done
${forgets.map((name) => `rm -f -- ${quote(`${state}/units/${name}`)}`).join('\n')}
listed=" $* "
touch ${quote(`${state}/files`)}
record_applied </dev/null
for path; do mv -fT -- "$path.mcp-new" "$path"; done
for path; do sync "\${path%/*}"; done
record_applied <<'${listEnd}'
${applied.join('\n')}
${listEnd}`;
}

const listEnd = 'END-OF-LIST';

function unitScript(unit: string, action: Exclude<UnitAction, 'retire'>): string {
  const name = quote(unit);
  switch (action) {
    case 'reload-daemon':
      return 'systemctl daemon-reload || exit';
    case 'enable':
      return `systemctl unmask --quiet ${name}\n${unitsOnly} systemctl enable --quiet ${name} || exit`;
    case 'disable-and-stop':
      return `[ "$(systemctl show --property LoadState --value ${name})" = not-found ] || ${unitsOnly} systemctl disable --now --quiet ${name} || exit`;
    case 'start':
    case 'restart':
    case 'reload':
      return actScript(name, action);
  }
}

/**
 * Debian's packages bring a script of the old kind beside most units, and systemctl would start perl to enable that as
 * well, for seconds on a busy host. The unit alone decides (systemd's documentation of its environment).
 */
const unitsOnly = 'SYSTEMCTL_SKIP_SYSV=1';

/** Its record goes first: should this be cut off, nobody takes the unit for one that runs as it should. */
const retireScript = (unit: string, place: StepPlace): string =>
  `rm -f -- ${quote(`${place.paths.state}/units/${unit}`)}
${unitScript(unit, 'disable-and-stop')}
systemctl reset-failed ${quote(unit)} 2>/dev/null || :`;

/**
 * What was there before the first of ours is put back, the rest is removed; folders go where they are empty then. A copy
 * stays with the run, as of every file that is changed.
 */
const removeScript = (
  { paths, directories }: Extract<Step, { kind: 'remove-files' }>,
  { paths: { state }, folder }: StepPlace,
): string => `
set -eu
cd /
mkdir -p -- ${quote(`${folder}/before`)}
set -- ${paths.map(quote).join(' ')}
listed=" $* "
for path; do
  [ ! -e "$path" ] || cp -an --parents -- "$path" ${quote(`${folder}/before`)}
  original=${quote(`${state}/originals`)}"$path"
  if [ -e "$original" ]; then cp -a -- "$original" "$path.mcp-new" && mv -fT -- "$path.mcp-new" "$path" && rm -f -- "$original"
  else rm -f -- "$path"; fi
done
touch ${quote(`${state}/files`)}
while read -r sum path; do
  case "$listed" in *" $path "*) ;; *) printf '%s  %s\\n' "$sum" "$path" ;; esac
done <${quote(`${state}/files`)} >${quote(`${state}/files.new`)}
sync ${quote(`${state}/files.new`)} && mv -f -- ${quote(`${state}/files.new`)} ${quote(`${state}/files`)}
for path; do rmdir --ignore-fail-on-non-empty -- "\${path%/*}" 2>/dev/null || :; done
set -- ${directories.map(quote).join(' ')}
for path; do rmdir --ignore-fail-on-non-empty -- "$path" 2>/dev/null || :; done`;

/**
 * The state goes, and with it keys and old files of earlier runs. This run's own folder stays until its last step has said
 * how it ended; it is removed by the host itself a moment later.
 */
const releaseScript = ({ paths: { state }, folder }: StepPlace): string => `
set -eu
cd ${quote(state)}
# What stays with the machine (its names, its time) is again as it was before us, where that is known.
[ ! -d originals ] || cp -a -- originals/. /
find . -mindepth 1 -maxdepth 1 ! -name runs -exec rm -rf -- {} +
find runs -mindepth 1 -maxdepth 1 ! -path ${quote(`runs/${folder.slice(folder.lastIndexOf('/') + 1)}`)} -exec rm -rf -- {} +
rm -rf -- ${quote(`${folder}/before`)} ${quote(`${folder}/stage`)} ${quote(`${folder}/tree`)}
systemd-run --quiet --collect --unit=mcp-released --on-active=10 \\
  sh -c ${quote(`rm -rf -- ${quote(folder)}; rmdir -- ${quote(`${state}/runs`)} ${quote(state)}`)}`;

/** systemd refuses a unit that failed too often; and what the unit last said is what the operator needs to know. */
const actScript = (name: string, action: 'start' | 'restart' | 'reload'): string => `
systemctl reset-failed ${name} 2>/dev/null
systemctl ${action} ${name} || {
  code=$?
  journalctl --unit ${name} --lines 15 --no-pager --output cat 2>/dev/null
  exit $code
}`;

/**
 * Scripts of services may `exit`; the record is written all the same, and only when they went well. Their end is not
 * tested with `||`, which would take the effect of their `set -e` away.
 */
const recordedScript = (script: string, name: string, record: UnitRecord, place: StepPlace): string =>
  `(\n${script}\n)\ncode=$?\n[ $code = 0 ] || exit $code\n${recordScript(name, record, place)}`;

function recordScript(name: string, record: UnitRecord | undefined, { paths: { state } }: StepPlace): string {
  if (record === undefined) return '';
  const draft = quote(`${state}/record.new`);
  return `
mkdir -p -- ${quote(`${state}/units`)} &&
printf 'restart=%s\\nreload=%s\\n' ${quote(record.restart)} ${quote(record.reload)} >${draft} &&
sync ${draft} && mv -f -- ${draft} ${quote(`${state}/units/${name}`)} || exit`;
}
