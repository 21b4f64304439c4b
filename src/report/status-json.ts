import type { Health } from '../model/check.ts';
import { causesAsJson } from './causes-json.ts';
import { jsonVersion } from './plan-json.ts';
import type { ShownStatus } from './status-text.ts';

/** A status for machines: the same tables as objects, every check with all its findings, what they come of, the verdict. */
export const statusAsJson = ({ cloud, sections, health, sorted }: ShownStatus): object => ({
  type: 'status',
  version: jsonVersion,
  cloud,
  healthy: health.healthy,
  sections: sections.map(({ title, columns, rows }) => ({
    title,
    rows: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? '']))),
  })),
  checks: health.results,
  causes: causesAsJson(sorted),
});

/** The result of `mcp check` for machines. */
export const healthAsJson = ({ healthy, results }: Health): object => ({
  type: 'check',
  version: jsonVersion,
  healthy,
  checks: results,
});
