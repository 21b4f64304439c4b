import type { Paint } from './paint.ts';
import { plain } from './paint.ts';

/** Columns as wide as their widest cell, the last one open; no frame, so that it can be cut and pasted. */
export function tableAsText(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint = plain,
): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => visible(row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - visible(cell).length)))
      .join('  ')
      .trimEnd();
  return [paint.dim(line(columns)), ...rows.map(line)].join('\n');
}

/** Without colour codes, which take no room on a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character begins a colour code
const visible = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');
