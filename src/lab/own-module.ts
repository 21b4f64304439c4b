import { fileURLToPath } from 'node:url';

/**
 * The words that start a module beside this one as a program of its own, compiled or from source, as we were started.
 */
export function ownModule(name: string): readonly string[] {
  const isSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(`./${name}.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const options = process.execArgv.filter((word) => !word.startsWith('--inspect'));
  const loader = isSource && !options.some((word) => word.includes('tsx')) ? ['--import', 'tsx'] : [];
  return [process.execPath, ...options, ...loader, file];
}
