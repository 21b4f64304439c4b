import type { Explanation, SettingWords } from '../model/explanation.ts';
import { type Paint, plain } from './paint.ts';

/** What may be written at one place of an inventory, then what may stand below it, as `kubectl explain` lays it out. */
export function explanationAsText(explanation: Explanation, paint: Paint = plain): string {
  const { path, settings } = explanation;
  return [
    headOf(path === '' ? 'inventory' : path, explanation, paint),
    ...described(explanation, 2),
    ...placesOf(explanation),
    ...settings.flatMap((setting) => [
      '',
      `  ${headOf(setting.name, setting, paint)}`,
      ...described(setting, 6),
    ]),
  ].join('\n');
}

/** What is said below `machines` goes before what is said for all of them; nothing is said where there is one place for it. */
function placesOf({ saidAt: [widest = '', ...narrower] }: Explanation): readonly string[] {
  const column = ' '.repeat('said at: '.length);
  const isForAll = !widest.startsWith('machines.');
  if (narrower.length > 0) {
    const places = [widest, ...narrower].join(`\n${column}`);
    return ['', `said at: ${places}`, ...(isForAll ? [`${column}what is said for fewer hosts wins`] : [])];
  }
  return widest.startsWith('services.') ? ['', `said at: ${widest}, for all hosts alike`] : [];
}

function headOf(name: string, { kind, isRequired, default: byDefault }: SettingWords, paint: Paint): string {
  const otherwise = byDefault === undefined ? '' : `; by default ${JSON.stringify(byDefault)}`;
  return `${paint.bold(name)}: ${kind}${isRequired ? '; required' : otherwise}`;
}

const described = ({ description = '' }: SettingWords, indent: number): readonly string[] =>
  description === '' ? [] : wrapped(description).map((line) => `${' '.repeat(indent)}${line}`);

/** Lines that a terminal of 100 columns does not break. */
const wrapped = (text: string): readonly string[] => text.match(/\S.{0,91}(?=\s|$)/g) ?? [text];
