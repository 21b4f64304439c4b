import { type Paint, plain, unpainted } from './paint.ts';

/** Columns as wide as their widest cell, the last one open; no frame, so that it can be cut and pasted. */
export function tableAsText(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint = plain,
): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => unpainted(row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - unpainted(cell).length)))
      .join('  ')
      .trimEnd();
  return [paint.dim(line(columns)), ...rows.map(line)].join('\n');
}
