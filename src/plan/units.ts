import type { ObservedUnit, ReachableHost, UnitRecord } from '../model/observed.ts';
import type { FileResource, TaskResource, UnitResource } from '../model/resource.ts';
import type { Bootstrap } from '../model/service.ts';
import type { Step } from '../model/step.ts';
import { fingerprintOf, wholeFingerprintOf } from '../resources/index.ts';

/** What decides about the units and tasks of one service on one host. */
export interface HostContext {
  readonly now: ReachableHost;
  /** Every managed file of the host by path. */
  readonly files: ReadonlyMap<string, FileResource>;
  /** Paths that someone else edited in meaning. */
  readonly edited: ReadonlySet<string>;
  /** Whether packages are about to be installed: their units can appear, enabled. */
  readonly installing: boolean;
  /** Set on the host where the cluster is to be created. */
  readonly bootstrap: Bootstrap | undefined;
}

/** Steps of one unit, and what they mean to clients. */
export interface UnitSteps {
  readonly steps: readonly Step[];
  /** `interrupts`: something that runs is acted on; `starts`: something that does not run begins to. */
  readonly effect: 'none' | 'starts' | 'interrupts';
}

const nothing: UnitSteps = { steps: [], effect: 'none' };

/** What is due on a unit, from its recorded state and never from what was just written. */
export function unitSteps(unit: UnitResource, context: HostContext): UnitSteps {
  if (unit.state === 'stopped') return stopSteps(unit, context);
  const action = dueAction(unit, context);
  const found = context.now.units.get(unit.name);
  const enable = needsEnabling(unit, context)
    ? [{ kind: 'unit', unit: unit.name, action: 'enable', record: undefined } satisfies Step]
    : [];
  if (action === undefined) return { steps: enable, effect: 'none' };
  const act = actionStep(unit, action, context);
  return {
    // What is masked can't be started.
    steps: isMasked(found) ? [...enable, act] : [act, ...enable],
    effect: action === 'start' ? 'starts' : 'interrupts',
  };
}

/** Stops a package's own unit; one that a package is about to bring is stopped as well, since it comes enabled. */
function stopSteps({ name }: UnitResource, { now, installing }: HostContext): UnitSteps {
  const found = now.units.get(name);
  const active = isActive(found);
  const appears = installing && (found === undefined || found.loadState === 'not-found');
  const enabled = found?.unitFileState.startsWith('enabled') === true;
  if (!active && !enabled && !appears) return nothing;
  return {
    steps: [{ kind: 'unit', unit: name, action: 'disable-and-stop', record: undefined }],
    effect: active ? 'interrupts' : 'none',
  };
}

type DueAction = 'start' | 'restart' | 'reload';

function dueAction(unit: UnitResource, context: HostContext): DueAction | undefined {
  const found = context.now.units.get(unit.name);
  const active = isActive(found);
  const record = context.now.records.get(unit.name);
  if (!record) return active ? 'restart' : 'start';
  const restartDue = isDue(unit.restartOn, record.restart, context);
  const reloadDue = isDue(unit.reloadOn, record.reload, context);
  if (!active) return 'start';
  return restartDue ? 'restart' : reloadDue ? 'reload' : undefined;
}

function isDue(watched: readonly string[], recorded: string, { files, edited }: HostContext): boolean {
  if (watched.some((path) => edited.has(path))) return true;
  const now = watchedFiles(watched, files);
  return recorded !== fingerprintOf(now) && recorded !== wholeFingerprintOf(now);
}

function actionStep(unit: UnitResource, action: DueAction, { files, bootstrap }: HostContext): Step {
  const record: UnitRecord = {
    restart: fingerprintOf(watchedFiles(unit.restartOn, files)),
    reload: fingerprintOf(watchedFiles(unit.reloadOn, files)),
  };
  if (action !== 'reload' && bootstrap?.unit === unit.name) {
    return { kind: 'bootstrap', unit: unit.name, title: bootstrap.title, script: bootstrap.script, record };
  }
  return { kind: 'unit', unit: unit.name, action, record };
}

/** A task whose record differs from what it reads now. */
export function taskSteps(
  task: TaskResource,
  { now, files, edited }: Pick<HostContext, 'now' | 'files' | 'edited'>,
): readonly Step[] {
  const fingerprint = fingerprintOf(watchedFiles(task.readsFiles, files));
  const asRecorded = now.records.get(recordOfTask(task.name))?.restart === fingerprint;
  if (asRecorded && !task.readsFiles.some((path) => edited.has(path))) return [];
  return [{ kind: 'task', name: task.name, title: task.title, script: task.script, fingerprint }];
}

/** Name of a task's record beside those of the units. */
export const recordOfTask = (name: string): string => `task-${name}`;

function watchedFiles(
  paths: readonly string[],
  files: ReadonlyMap<string, FileResource>,
): readonly FileResource[] {
  return paths.map((path) => {
    const file = files.get(path);
    if (!file) throw new Error(`${path} is watched, but nothing manages it`);
    return file;
  });
}

/** A unit that waits to be started again after a failure does not run; one that is on its way up does. */
export function isActive(unit: ObservedUnit | undefined): boolean {
  if (!unit) return false;
  if (unit.activeState === 'activating') return unit.subState !== 'auto-restart';
  return ['active', 'reloading', 'refreshing'].includes(unit.activeState);
}

/**
 * Units without an [Install] section (static, …) can't be enabled and need not be. One that systemd has made of a script of
 * the old kind (generated) is started by that script's links, which says nothing of the unit that we put in its place.
 */
function needsEnabling({ name }: UnitResource, { now, files }: HostContext): boolean {
  const found = now.units.get(name);
  if (found === undefined || isMasked(found)) return true;
  if (found.unitFileState === 'generated') return files.has(`/etc/systemd/system/${name}`);
  return ['', 'disabled', 'linked', 'enabled-runtime'].includes(found.unitFileState);
}

/** As `masked`, or `masked-runtime`, until the next boot. */
const isMasked = (unit: ObservedUnit | undefined): boolean =>
  unit?.unitFileState.startsWith('masked') === true;
