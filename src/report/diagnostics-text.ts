import type { LocatedDiagnostic } from '../model/diagnostic.ts';
import { type Paint, plain } from './paint.ts';

/** Every mistake with its place, `FILE:LINE:COLUMN`, so that editors and terminals can jump there. */
export const diagnosticsAsText = (diagnostics: readonly LocatedDiagnostic[], paint: Paint = plain): string =>
  [...diagnostics]
    .sort(
      (one, other) =>
        one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column,
    )
    .map((diagnostic) => diagnosticAsText(diagnostic, paint))
    .join('\n');

function diagnosticAsText(diagnostic: LocatedDiagnostic, paint: Paint): string {
  const { file, line, column, path, severity, message, hint } = diagnostic;
  const label = severity === 'error' ? paint.red('error') : paint.yellow('warning');
  const where = path.length === 0 ? '' : `${pathAsText(path)}: `;
  const advice = hint === undefined ? '' : `\n    → ${hint}`;
  return `${file}:${line}:${column} ${label} ${where}${message}${advice}`;
}

/** `services.haproxy.listen[0].port` */
const pathAsText = (path: LocatedDiagnostic['path']): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
