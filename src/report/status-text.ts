import type { SortedFindings } from '../model/cause.ts';
import { concerned, type Found, type Health, isRed, type StatusSection } from '../model/check.ts';
import { causeAsText, findingAsText } from './cause-text.ts';
import type { Telling } from './findings-text.ts';
import { type Paint, plain } from './paint.ts';
import { tableAsText } from './table.ts';
import { counted } from './words.ts';

/** What a status shows. */
export interface ShownStatus {
  readonly cloud: string;
  readonly sections: readonly (StatusSection & { readonly service: string })[];
  readonly health: Health;
  readonly sorted: SortedFindings;
}

/**
 * Causes first, for they are what to look at; tables by service; what else the checks found; one verdict as the last
 * line. Where there are causes, the tables are only those of services that are out or have a trouble of their own: the
 * others would say of every service once more that it misses a member.
 */
export function statusAsText(
  { cloud, sections, health, sorted }: ShownStatus,
  { paint = plain, telling = 'causes' }: { readonly paint?: Paint; readonly telling?: Telling } = {},
): string {
  const shown =
    telling === 'everything' ? sections : sections.filter(({ service }) => tells(service, sorted));
  const tables = shown.map(
    ({ title, columns, rows }) => `${paint.bold(title)}\n${tableAsText(columns, rows, paint)}`,
  );
  return [
    ...sorted.causes.map((cause) => causeAsText(cause, paint, telling)),
    ...tables,
    ...leftOut(sections.length - shown.length, paint),
    ...findingsSection(sorted.others, paint),
    verdict({ cloud, health, sorted }, paint),
  ].join('\n\n');
}

const tells = (service: string, { causes, others }: SortedFindings): boolean =>
  causes.length === 0 || [...causes, ...others.filter(isRed)].some((found) => concerned(found) === service);

function leftOut(count: number, paint: Paint): readonly string[] {
  if (count === 0) return [];
  const tables = counted(count, 'table');
  return [
    paint.dim(`${tables} with nothing else to tell left out; --verbose shows ${count === 1 ? 'it' : 'them'}`),
  ];
}

function findingsSection(others: readonly Found[], paint: Paint): readonly string[] {
  const lines = others.map((found) => findingAsText(found, paint));
  return lines.length === 0 ? [] : [`${paint.bold('Findings')}\n${lines.join('\n')}`];
}

function verdict(judged: Judged, paint: Paint): string {
  const colour = judged.health.healthy ? paint.green : paint.red;
  return colour(statusVerdict(judged));
}

type Judged = Omit<ShownStatus, 'sections'>;

/** `lab is healthy: 23 checks` or what keeps it from being so. */
export function statusVerdict({ cloud, health: { healthy, results }, sorted }: Judged): string {
  const findings = results.flatMap((result) => result.findings);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (healthy) return `${cloud} is healthy: ${counted(results.length, 'check')}${warned}`;
  const red = results.filter((result) => result.findings.some(({ severity }) => severity === 'red'));
  const failed = `${red.length} of ${counted(results.length, 'check')} failed`;
  return `${cloud} is degraded: ${failed}${reasons(sorted)}${warned}`;
}

/** " from 1 cause and 2 findings beside it". */
function reasons({ causes, others }: SortedFindings): string {
  if (causes.length === 0) return '';
  const own = others.filter(isRed).length;
  const beside =
    own === 0 ? '' : ` and ${counted(own, 'finding')} beside ${causes.length === 1 ? 'it' : 'them'}`;
  return ` from ${counted(causes.length, 'cause')}${beside}`;
}
