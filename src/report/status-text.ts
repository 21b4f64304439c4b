import type { Finding, Health, StatusSection } from '../model/check.ts';
import { type Paint, plain } from './paint.ts';
import { tableAsText } from './table.ts';
import { counted } from './words.ts';

/** What a status shows. */
export interface ShownStatus {
  readonly cloud: string;
  readonly sections: readonly StatusSection[];
  readonly health: Health;
}

/** Tables by service, what the checks found, and one verdict as the last line. */
export function statusAsText({ cloud, sections, health }: ShownStatus, paint: Paint = plain): string {
  const tables = sections.map(
    ({ title, columns, rows }) => `${paint.bold(title)}\n${tableAsText(columns, rows, paint)}`,
  );
  return [...tables, ...findingsSection(health, paint), verdict(cloud, health, paint)].join('\n\n');
}

function findingsSection({ results }: Health, paint: Paint): readonly string[] {
  const lines = results.flatMap(({ check, findings }) =>
    findings.map((finding) => findingAsText(check, finding, paint)),
  );
  return lines.length === 0 ? [] : [`${paint.bold('Findings')}\n${lines.join('\n')}`];
}

function findingAsText(check: string, { severity, hosts, message, hint }: Finding, paint: Paint): string {
  const mark = severity === 'red' ? paint.red('✗') : paint.yellow('!');
  const where = hosts.length === 0 ? '' : `${hosts.join(', ')}: `;
  const advice = hint === undefined ? '' : `\n  → ${hint}`;
  return `${mark} ${check}  ${where}${message}${advice}`;
}

/** `lab is healthy: 23 checks` or what keeps it from being so. */
function verdict(cloud: string, { healthy, results }: Health, paint: Paint): string {
  const findings = results.flatMap((result) => result.findings);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (healthy) return paint.green(`${cloud} is healthy: ${counted(results.length, 'check')}${warned}`);
  const red = results.filter((result) => result.findings.some(({ severity }) => severity === 'red'));
  return paint.red(
    `${cloud} is degraded: ${red.length} of ${counted(results.length, 'check')} failed${warned}`,
  );
}
