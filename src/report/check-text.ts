import type { Finding, Health } from '../model/check.ts';
import { type Paint, plain } from './paint.ts';
import { tableAsText } from './table.ts';
import { counted } from './words.ts';

/** `mcp check`: a row for every finding on every host, then what to do, each advice once. */
export function checkAsText({ healthy, results }: Health, paint: Paint = plain): string {
  const rows = results.flatMap(({ title, check, findings }) =>
    findings.length === 0
      ? [['all', check, paint.green('ok'), title]]
      : findings.flatMap((finding) => findingRows(check, finding, paint)),
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
  paint: Paint,
): readonly (readonly string[])[] {
  const status = severity === 'red' ? paint.red('failed') : paint.yellow('warning');
  return (hosts.length === 0 ? ['all'] : hosts).map((host) => [host, check, status, message]);
}
