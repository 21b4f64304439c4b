import { homedir } from 'node:os';
import type { Command } from 'commander';
import { explainable } from '../../workflows/explain.ts';
import { type NameKind, namesIn } from '../../workflows/names.ts';
import { findInventory } from '../inventory-option.ts';
import { type Wanted, type Word, wantedAfter } from './wanted.ts';

/**
 * What a shell offers for the last of `words`, a command line without the program's name: a line each, what it is about
 * behind a tab, and last how it goes on, `:files`, `:dirs`, `:more` (a part of a word) or `:none`. Where an inventory is
 * broken or missing, its names are left out: nobody reads complaints there.
 */
export async function completionOf(program: Command, words: readonly string[]): Promise<readonly string[]> {
  const before = words.slice(0, -1);
  const { prefix, current } = currentOf(words.at(-1) ?? '');
  const wanted = wantedAfter(program, prefix === '' ? before : [...before, prefix.slice(0, -1)], current);
  const offered = [...wanted.words, ...(await namesFor(wanted, before, current))]
    .filter(({ name }) => name.startsWith(current))
    .map(({ name, about }) => `${prefix}${name}${about === '' ? '' : `\t${about.replace(/\s+/g, ' ')}`}`);
  return [...offered, `:${wanted.names === 'setting' ? 'more' : (wanted.files ?? 'none')}`];
}

/** `--format=sv` is an option and the beginning of its value. */
function currentOf(word: string): { readonly prefix: string; readonly current: string } {
  const end = word.startsWith('--') ? word.indexOf('=') + 1 : 0;
  return { prefix: word.slice(0, end), current: word === '=' ? '' : word.slice(end) };
}

async function namesFor(
  { names }: Wanted,
  before: readonly string[],
  current: string,
): Promise<readonly Word[]> {
  if (names === undefined) return [];
  if (names === 'setting') return settingsLike(current);
  const said = new Set(before);
  return (await namesOf(names, before)).filter(({ name }) => !said.has(name));
}

/** One more part of a path at a time: all of them are hundreds. */
function settingsLike(current: string): readonly Word[] {
  const depth = current.split('.').length;
  return explainable()
    .filter((path) => path.split('.').length === depth)
    .map((name) => ({ name, about: '' }));
}

async function namesOf(kind: NameKind, before: readonly string[]): Promise<readonly Word[]> {
  try {
    const inventory = inventorySaid(before) ?? (await findInventory())?.file;
    return inventory === undefined ? [] : await namesIn(inventory, kind);
  } catch {
    return [];
  }
}

function inventorySaid(words: readonly string[]): string | undefined {
  const joined = words.find((word) => word.startsWith('--inventory='))?.slice('--inventory='.length);
  const flag = words.findIndex((word) => word === '-i' || word === '--inventory');
  const said = joined ?? (flag === -1 ? undefined : words.slice(flag + 1).find((word) => word !== '='));
  // The shell has not opened it yet.
  return said?.replace(/^~(?=\/)/, homedir());
}
