import { fileURLToPath } from 'node:url';

/**
 * The words that start a module of this room as a program of its own, built or from source, as we were started. The
 * build keeps such modules where their source is, and may put this one into another folder of the same depth.
 */
export function ownModule(name: string): readonly string[] {
  const isSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`../lab/${name}.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const options = process.execArgv.filter((word) => !word.startsWith('--inspect'));
  const loader = isSource && !options.some((word) => word.includes('tsx')) ? ['--import', 'tsx'] : [];
  return [process.execPath, ...options, ...loader, file];
}
