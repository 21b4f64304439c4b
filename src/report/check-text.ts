import { type Finding, type Health, silentIn } from '../model/check.ts';
import { type Paint, plain } from './paint.ts';
import { tableAsText } from './table.ts';
import { counted } from './words.ts';

/**
 * `mcp check`: a row for every finding on every host, then what to do, each advice once. The hosts that do not answer are
 * named where that is checked; what else could not be looked at for that reason is one row a check.
 */
export function checkAsText(health: Health, paint: Paint = plain): string {
  const { healthy, results } = health;
  const silent = listed(silentIn(health));
  const rows = results.flatMap(({ title, check, findings }) =>
    findings.length === 0
      ? [['all', check, paint.green('ok'), title]]
      : findings.flatMap((finding) => findingRows(check, finding, { paint, silent })),
  );
  const findings = results.flatMap((result) => result.findings);
  const advice = [...new Set(findings.flatMap(({ hint }) => (hint === undefined ? [] : [`→ ${hint}`])))];
  const red = findings.filter(({ severity }) => severity === 'red').length;
  const verdict = healthy
    ? paint.green(`ready: ${counted(results.length, 'check')}, ${counted(findings.length, 'warning')}`)
    : paint.red(`not ready: ${counted(red, 'problem')}, ${counted(findings.length - red, 'warning')}`);
  return [
    tableAsText(['host', 'check', 'status', 'message'], rows, paint),
    ...(advice.length === 0 ? [] : [`${paint.bold('What to do')}\n${advice.join('\n')}`]),
    verdict,
  ].join('\n\n');
}

function findingRows(
  check: string,
  { severity, hosts, message }: Finding,
  { paint, silent }: { readonly paint: Paint; readonly silent: string },
): readonly (readonly string[])[] {
  const status = severity === 'red' ? paint.red('failed') : paint.yellow('warning');
  const row = (where: string): readonly string[] => [where, check, status, message];
  if (hosts.length === 0) return [row('all')];
  return hosts.length > 1 && listed(hosts) === silent ? [row(counted(hosts.length, 'host'))] : hosts.map(row);
}

const listed = (hosts: readonly string[]): string => hosts.toSorted().join(' ');
