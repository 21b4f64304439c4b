// Lets node import a program for hosts or for shells as its text, where the program runs from its source (`node --import tsx --import` this).
// The build and the tests have the same of esbuild and of vitest.config.ts.
import { register } from 'node:module';

const hooks = `
import { readFile } from 'node:fs/promises';
export async function load(url, context, next) {
  if (!/[.](sh|py|bash|zsh|fish)$/.test(url)) return next(url, context);
  const source = 'export default ' + JSON.stringify(await readFile(new URL(url), 'utf8'));
  return { format: 'module', source, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
