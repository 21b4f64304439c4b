import { type FileChange, isEmpty, type MissingHost, type PlannedDeparture } from '../model/plan.ts';
import type { ToldBatch, ToldHostPlan, ToldPlan, ToldStep } from '../model/told-plan.ts';
import { type Paint, plain } from './paint.ts';
import { stepAsText } from './step-text.ts';
import { counted, groupedBy, indented } from './words.ts';

/** A plan to read: every batch with its hosts, files and unit actions, and what is left of a service meanwhile. */
export function planAsText(plan: ToldPlan, paint: Paint = plain): string {
  const refusals = plan.refusals.map(
    ({ message, hint }) => `${paint.red('✗')} ${message}\n${indented(`→ ${hint}`, 2)}`,
  );
  const notes = [...missingSection(plan, paint), ...departuresSection(plan, paint)];
  const refused = refusals.length === 0 ? [] : [`${paint.bold('Refused')}\n${refusals.join('\n')}`];
  if (isEmpty(plan)) return [headline(plan), ...notes, ...refused].join('\n\n');
  const batches = plan.batches.map((batch) => batchAsText(batch, plan, paint));
  const legend = plan.changes.some(({ edited }) => edited)
    ? [`${paint.yellow('!')} edited by someone else since the last run: would be overwritten`]
    : [];
  return [paint.bold(headline(plan)), ...notes, ...batches, ...legend, ...refused].join('\n\n');
}

/** Who is left out, and what is left without it. */
const missingSection = ({ missing }: ToldPlan, paint: Paint): readonly string[] =>
  missing.length === 0
    ? []
    : [
        `${paint.bold('Left out')}\n${missing.map((each) => `${paint.yellow('!')} ${missingAsText(each)}`).join('\n')}`,
      ];

/** "ctl03 does not answer; meanwhile galera 2 of 3; the next run catches it up". */
export function missingAsText({ host, kind, reason, capacity }: MissingHost): string {
  const left = capacity.length === 0 ? '' : `; meanwhile ${capacity.join(', ')}`;
  const next = kind === 'maintenance' ? 'the first run after its return' : 'the next run';
  return `${host} ${reason}${left}; ${next} catches it up`;
}

/** Who goes, and what that means. */
const departuresSection = ({ departures }: ToldPlan, paint: Paint): readonly string[] =>
  departures.length === 0
    ? []
    : [
        `${paint.bold('Leaving')}\n${departures.map((each) => `${paint.red('-')} ${departureAsText(each)}`).join('\n')}`,
      ];

/** Who goes, and what becomes of it. */
export function departureAsText({ host, kind, services }: PlannedDeparture): string {
  const what = services.filter((service) => service !== 'host').join(', ');
  switch (kind) {
    case 'leaves':
      return `${host} leaves: what it carries is handed over, units are stopped and disabled (${what}), the others forget it, and what is ours is removed from it; packages stay`;
    case 'returned':
      return `${host} was forgotten and is back: units are stopped and disabled (${what}), and what is ours is removed from it`;
    case 'elsewhere':
      return `${host} belongs to another cloud by now: the others forget it (${what}), and it is left alone`;
    case 'gives-up':
      return `${host} gives up ${what} and stays`;
    case 'forgotten':
      return `${host} does not answer and is forgotten (${what}): should it return with what it has, the others do not listen to it`;
  }
}

/** What it comes to, in one line. */
export function headline(plan: ToldPlan): string {
  if (isEmpty(plan) && plan.refusals.length > 0) return `${plan.cloud}: no plan, for the reasons below`;
  if (isEmpty(plan)) return `${plan.cloud}: nothing to change`;
  const hosts = new Set(plan.batches.flatMap((batch) => batch.hosts.map(({ host }) => host)));
  const steps = plan.batches.flatMap((batch) => batch.hosts.flatMap((host) => host.steps));
  const parts = [
    { count: plan.changes.length, noun: 'file' },
    { count: packagesIn(steps), noun: 'package' },
    { count: interruptions(steps), noun: 'unit action' },
  ].filter(({ count }) => count > 0);
  const what =
    parts.map(({ count, noun }) => counted(count, noun)).join(', ') || counted(steps.length, 'step');
  return `${plan.cloud}: ${what} on ${counted(hosts.size, 'host')} in ${counted(plan.batches.length, 'batch')}`;
}

const packagesIn = (steps: readonly ToldStep[]): number =>
  steps.reduce((sum, step) => sum + (step.kind === 'install-packages' ? step.packages.length : 0), 0);

/** Unit actions that something running or starting can feel. */
const interruptions = (steps: readonly ToldStep[]): number =>
  steps.filter(
    (step) =>
      step.kind === 'bootstrap' ||
      (step.kind === 'unit' && step.action !== 'enable' && step.action !== 'reload-daemon'),
  ).length;

function batchAsText(batch: ToldBatch, plan: ToldPlan, paint: Paint): string {
  const meanwhile = batch.capacity === '' ? '' : paint.yellow(` · meanwhile ${batch.capacity}`);
  const groups = groupedBy(batch.hosts, (host) => hostLines(host, batch, { plan, paint }).join('\n'));
  const bodies = groups.flatMap((hosts) => {
    const [first] = hosts;
    if (!first) return [];
    const names = paint.cyan(hosts.map(({ host }) => host).join(' '));
    return [names, ...hostLines(first, batch, { plan, paint }).map((line) => `  ${line}`)];
  });
  const forgets =
    batch.hosts.length === 0 ? batch.leaving.map((host) => `those who stay forget ${host}`) : [];
  return `${String(batch.id).padStart(2)}  ${paint.bold(batch.title)}${meanwhile}\n${indented([...bodies, ...forgets].join('\n'), 4)}`;
}

interface Drawn {
  readonly plan: ToldPlan;
  readonly paint: Paint;
}

function hostLines({ host, steps }: ToldHostPlan, batch: ToldBatch, drawn: Drawn): readonly string[] {
  if (steps.length === 0) return ['return to work: an earlier run was cut off while it was out'];
  const started = new Set(steps.flatMap((step) => (startsUnit(step) ? [step.unit] : [])));
  return steps.flatMap((step): readonly string[] => {
    const files = fileLines(host, step, batch, drawn);
    if (files !== undefined) return files;
    if (step.kind === 'unit' && step.action === 'reload-daemon') return [];
    if (step.kind === 'unit' && step.action === 'enable' && started.has(step.unit)) return [];
    return [
      startsUnit(step) && isEnabled(step.unit, steps)
        ? `${stepAsText(step)}, and enable it`
        : stepAsText(step),
    ];
  });
}

const startsUnit = (step: ToldStep): step is Extract<ToldStep, { kind: 'unit' | 'bootstrap' }> =>
  step.kind === 'bootstrap' || (step.kind === 'unit' && ['start', 'restart'].includes(step.action));

const isEnabled = (unit: string, steps: readonly ToldStep[]): boolean =>
  steps.some((step) => step.kind === 'unit' && step.action === 'enable' && step.unit === unit);

/** Files that a step writes or takes away, by name; undefined where it does neither, or takes away all that is ours. */
function fileLines(
  host: string,
  step: ToldStep,
  { service }: ToldBatch,
  { plan, paint }: Drawn,
): readonly string[] | undefined {
  if (step.kind === 'remove-files' && service !== 'membership') {
    return step.paths.map((path) => `${paint.red('-')} ${path}`);
  }
  if (step.kind !== 'swap-files') return undefined;
  const { paths } = step;
  return plan.changes
    .filter((change) => change.host === host && change.service === service && paths.includes(change.path))
    .map((change) => `${markOf(change, paint)} ${change.path}${overridden(change)}`);
}

function markOf({ action, edited }: FileChange, paint: Paint): string {
  if (edited) return paint.yellow('!');
  return { create: paint.green('+'), update: paint.yellow('~'), attributes: paint.yellow('m') }[action];
}

const overridden = ({ overrides }: FileChange): string =>
  overrides.length === 0 ? '' : `  (with ${overrides.join(', ')})`;
