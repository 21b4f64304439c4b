import type { DesiredHost } from '../model/desired.ts';
import { leftRecord, type ReachableHost } from '../model/observed.ts';
import type { FileChange } from '../model/plan.ts';
import type { FileResource, Resource, TaskResource, UnitResource } from '../model/resource.ts';
import type { Step } from '../model/step.ts';
import { closesWays, directorySteps, editedInMeaning, fileChanges, inMovingOrder } from './files.ts';
import { type HostContext, isActive, recordOfTask, taskSteps, unitSteps } from './units.ts';

/** What changes for one service on one host. */
export interface HostChange {
  readonly host: string;
  readonly steps: readonly Step[];
  readonly files: readonly FileChange[];
  /** What lets logins in that others are about to use: before anything else of the run. */
  readonly admission: readonly Step[];
  /** Whether logins are to be let in here, then or in its turn. */
  readonly admits: boolean;
  /** Whether a way in goes, by which others may still come. */
  readonly closes: boolean;
  /** What waits until every host of the cloud has changed. */
  readonly last: readonly Step[];
  /** `quiet`: no client can notice; `starts`: brings up what does not run; `disrupts`: acts on what clients use. */
  readonly effect: 'quiet' | 'starts' | 'disrupts';
}

interface HostState extends Pick<HostContext, 'now' | 'installing' | 'bootstrap'> {
  readonly first: boolean;
  /** It can let nobody in now. */
  readonly closed: boolean;
}

/** Compares what a service wants on a host with what was found there. */
export function hostChange(
  service: string,
  wanted: DesiredHost,
  { first, closed, ...state }: HostState,
): HostChange {
  const { now } = state;
  const resources = sorted(resourcesOf(service, wanted));
  const files = fileChanges(resources.files, service, now);
  const removed = [...removesOf(service, wanted), ...noLongerListed(resources.files, wanted, now)];
  const edited = editedInMeaning(resources.files, files, now);
  const context: HostContext = { ...state, files: filesOf(wanted), edited };
  const units = resources.units.map((unit) => unitSteps(unit, context));
  const admitting = admittingTasks(resources.tasks, context);
  const early = !first && !closed && allRun(resources.units, now) ? admitting : [];
  const earlyFiles = new Set(early.flatMap(({ readsFiles }) => readsFiles));
  const tasks = (when: TaskResource['when']) =>
    resources.tasks
      .filter((task) => task.when === when && !early.includes(task))
      .flatMap((task) => taskSteps(task, context));
  const forgets = forgotten(resources, edited, now);
  // What is let in now is followed by what takes the former away, whatever the record of that says.
  const untold = early.length === 0 ? [] : retiring(resources.tasks, now);
  const ofEarly = (record: string): boolean => early.some(({ name }) => recordOfTask(name) === record);
  const unitActions = units.flatMap(({ steps }) => steps);
  const starts = units.some(({ effect }) => effect !== 'none');
  // An earlier run that was cut off had it leave; it comes back even where nothing else is due.
  const returns = now.records.has(leftRecord(service));
  const interrupts = !first && units.some(({ effect }) => effect === 'interrupts');
  return {
    host: wanted.host,
    files,
    steps: [
      ...directorySteps(resources.directories, now),
      ...swapSteps(
        files.filter(({ path }) => !earlyFiles.has(path)),
        forgets.filter((record) => !ofEarly(record)),
      ),
      ...removalSteps(removed),
      ...daemonReload(resources.files, [...files.map(({ path }) => path), ...removed], unitActions),
      ...tasks('before-units'),
      ...unitActions,
      ...tasks('after-units'),
    ],
    admission: [
      ...swapSteps(
        files.filter(({ path }) => earlyFiles.has(path)),
        [...forgets.filter(ofEarly), ...untold],
      ),
      ...early.flatMap((task) => taskSteps(task, context)),
    ],
    admits: !first && admitting.length > 0,
    closes: !first && closesWays(resources.files, now),
    last: resources.tasks
      .filter(({ when }) => when === 'at-last')
      .flatMap((task) => taskSteps(task, { ...context, now: without(untold, now) })),
    effect: interrupts ? 'disrupts' : starts || returns ? 'starts' : 'quiet',
  };
}

/**
 * Titles of what is still to be done at last for these resources by what reads a file with one of `texts`, whether a plan has
 * it or not: one that leaves a host out does not.
 */
export const dueAtLast = (
  wanted: DesiredHost,
  now: ReachableHost,
  texts: readonly string[],
): readonly string[] => {
  const files = filesOf(wanted);
  const holds = (path: string): boolean =>
    texts.some((text) => files.get(path)?.content.includes(text) === true);
  return wanted.services
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.kind === 'task')
    .filter(({ when, readsFiles }) => when === 'at-last' && readsFiles.some(holds))
    .filter((task) => taskSteps(task, { now, files, edited: new Set() }).length > 0)
    .map(({ title }) => title);
};

/** Those that are due. */
const admittingTasks = (tasks: readonly TaskResource[], context: HostContext): readonly TaskResource[] =>
  tasks.filter((task) => task.admits === true && taskSteps(task, context).length > 0);

/**
 * Records of what takes former logins away: with each that is let in there is one to be taken away, though a run that is cut
 * off and taken back may end where the last one did.
 */
const retiring = (tasks: readonly TaskResource[], { records }: ReachableHost): readonly string[] =>
  tasks
    .filter(({ when }) => when === 'at-last')
    .map(({ name }) => recordOfTask(name))
    .filter((record) => records.has(record));

const without = (names: readonly string[], now: ReachableHost): ReachableHost => ({
  ...now,
  records: new Map([...now.records].filter(([name]) => !names.includes(name))),
});

/** What does not run lets nobody in: then it is done in its turn, when it does. */
const allRun = (units: readonly UnitResource[], now: ReachableHost): boolean =>
  units.every(({ name, state }) => state === 'stopped' || isActive(now.units.get(name)));

/** What one service wants on a host. */
export const resourcesOf = (service: string, wanted: DesiredHost): readonly Resource[] =>
  wanted.services.filter((described) => described.service === service).flatMap(({ resources }) => resources);

/** By kind. A package's own unit is stopped before ours takes over its ports. */
const sorted = (resources: readonly Resource[]) => ({
  directories: resources.filter((resource) => resource.kind === 'directory'),
  files: resources.filter((resource) => resource.kind === 'file'),
  tasks: resources.filter((resource) => resource.kind === 'task'),
  units: resources
    .filter((resource) => resource.kind === 'unit')
    .sort((one, other) => turn(one) - turn(other)),
});

const turn = ({ state }: UnitResource): number => (state === 'stopped' ? 0 : 1);

const filesOf = (wanted: DesiredHost): ReadonlyMap<string, FileResource> =>
  new Map(
    wanted.services
      .flatMap(({ resources }) => resources)
      .filter((resource) => resource.kind === 'file')
      .map((file) => [file.path, file]),
  );

/** Records that a foreign edit has made untrue: those of units and tasks that read an edited file. */
function forgotten(
  { units, tasks }: ReturnType<typeof sorted>,
  edited: ReadonlySet<string>,
  now: ReachableHost,
): readonly string[] {
  const reads = (paths: readonly string[]): boolean => paths.some((path) => edited.has(path));
  return [
    ...units.filter(({ restartOn, reloadOn }) => reads([...restartOn, ...reloadOn])).map(({ name }) => name),
    ...tasks.filter(({ readsFiles }) => reads(readsFiles)).map(({ name }) => recordOfTask(name)),
  ].filter((record) => now.records.has(record));
}

function swapSteps(files: readonly FileChange[], forgets: readonly string[]): readonly Step[] {
  if (files.length === 0) return [];
  const paths = inMovingOrder(files).map(({ path }) => path);
  return [{ kind: 'swap-files', paths, ...(forgets.length === 0 ? {} : { forgets }) }];
}

const removesOf = (service: string, wanted: DesiredHost): readonly string[] =>
  wanted.services.filter((described) => described.service === service).flatMap(({ removes = [] }) => removes);

/** Files that a list of ours named, as it lies on the host, and that nothing describes any more. */
function noLongerListed(
  files: readonly FileResource[],
  wanted: DesiredHost,
  now: ReachableHost,
): readonly string[] {
  const described = filesOf(wanted);
  return files
    .filter(({ listsFiles }) => listsFiles === true)
    .flatMap(({ path }) => {
      const found = now.files.get(path);
      return found?.kind === 'different' ? (found.content ?? '').split('\n') : [];
    })
    .filter((path) => now.appliedFiles.has(path) && !described.has(path));
}

/** What units were started with goes before they are started without it. */
const removalSteps = (paths: readonly string[]): readonly Step[] =>
  paths.length === 0 ? [] : [{ kind: 'remove-files', paths, directories: [] }];

/**
 * systemd reads unit files again when one changed, and before any due start on a service that has some: a run that was
 * cut off between writing and reading must not start an old definition. What is due a reload runs by what its unit
 * files say: their change is a restart.
 */
function daemonReload(
  managed: readonly FileResource[],
  changed: readonly string[],
  unitActions: readonly Step[],
): readonly Step[] {
  const starts = unitActions.some(
    (step) =>
      step.kind === 'bootstrap' ||
      (step.kind === 'unit' && (step.action === 'start' || step.action === 'restart')),
  );
  const due = changed.some(isUnitFile) || (starts && managed.some(({ path }) => isUnitFile(path)));
  return due ? [{ kind: 'unit', unit: 'systemd', action: 'reload-daemon', record: undefined }] : [];
}

const isUnitFile = (path: string): boolean => path.startsWith('/etc/systemd/system/');
