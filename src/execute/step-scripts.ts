import type { DesiredHost } from '../model/desired.ts';
import type { UnitRecord } from '../model/observed.ts';
import type { FileResource } from '../model/resource.ts';
import { programWith } from '../model/shell-program.ts';
import type { Step } from '../model/step.ts';
import type { UnitAction } from '../model/step-title.ts';
import { quote } from '../model/transport.ts';
import { sha256, withHeldUnits } from '../resources/index.ts';
import actOnUnitText from './act-on-unit.sh';
import enableUnitText from './enable-unit.sh';
import type { HostPaths } from './host-paths.ts';
import { installScript } from './install-packages.ts';
import { membershipScript, settleBelongings } from './membership-record.ts';
import putBackText from './put-back.sh';
import recordText from './record.sh';
import releaseText from './release.sh';
import removeDataText from './remove-data.sh';
import removeFilesText from './remove-files.sh';
import retireUnitText from './retire-unit.sh';
import swapFilesText from './swap-files.sh';

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
      return programWith(removeDataText, { words: step.paths });
    case 'record-membership':
      return `cd ${quote(place.paths.state)} || exit\n${settleBelongings(place.desired)}\n${membershipScript(step.membership)}`;
    case 'release':
      return programWith(putBackText + releaseText, {
        values: { folder: place.folder, state: place.paths.state },
      });
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

const swapScript = (
  files: readonly FileResource[],
  forgets: readonly string[],
  { paths: { state }, folder }: StepPlace,
): string =>
  programWith(swapFilesText, {
    values: {
      folder,
      state,
      files: files.map(({ mode, owner, group, path }) => `${mode} ${owner} ${group} ${path}`).join('\n'),
      hashes: files.map(({ path, content }) => `${sha256(content)}  ${path}`).join('\n'),
      forgets: forgets.join(' '),
    },
    words: files.map(({ path }) => path),
  });

function unitScript(unit: string, action: Exclude<UnitAction, 'retire'>): string {
  const name = quote(unit);
  switch (action) {
    case 'reload-daemon':
      return 'systemctl daemon-reload || exit';
    case 'enable':
      return programWith(enableUnitText, { values: { unit } });
    case 'disable-and-stop':
      return `[ "$(systemctl show --property LoadState --value ${name})" = not-found ] || ${unitsOnly} systemctl disable --now --quiet ${name} || exit`;
    case 'start':
    case 'restart':
    case 'reload':
      return programWith(withHeldUnits(actOnUnitText), { values: { unit, action } });
  }
}

/** As in enable-unit.sh: the unit alone decides, and no perl is started for a script of the old kind beside it. */
const unitsOnly = 'SYSTEMCTL_SKIP_SYSV=1';

const retireScript = (unit: string, { paths: { state } }: StepPlace): string =>
  programWith(withHeldUnits(retireUnitText), { values: { unit, record: `${state}/units/${unit}` } });

const removeScript = (
  { paths, directories }: Extract<Step, { kind: 'remove-files' }>,
  { paths: { state }, folder }: StepPlace,
): string =>
  programWith(putBackText + removeFilesText, {
    values: { folder, state, directories: directories.join(' ') },
    words: paths,
  });

/**
 * Scripts of services may `exit`; the record is written all the same, and only when they went well. Their end is not
 * tested with `||`, which would take the effect of their `set -e` away.
 */
const recordedScript = (script: string, name: string, record: UnitRecord, place: StepPlace): string =>
  `(\n${script}\n)\ncode=$?\n[ $code = 0 ] || exit $code\n${recordScript(name, record, place)}`;

const recordScript = (
  name: string,
  record: UnitRecord | undefined,
  { paths: { state } }: StepPlace,
): string =>
  record === undefined
    ? ''
    : programWith(recordText, { values: { state, name, restart: record.restart, reload: record.reload } });
