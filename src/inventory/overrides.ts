import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Diagnostic, error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import { closestTo } from '../model/did-you-mean.ts';
import { type Machine, type Override, type Role, roles } from '../model/inventory.ts';
import { shownPath } from './operator.ts';
import { readText } from './read-file.ts';
import { reasonOf } from './system-reasons.ts';

/*
 * The folder of overrides:
 *   all/                 for every host
 *   role/ROLE/           for the hosts with that role
 *   host/NAME/           for that host
 * and in each of these:
 *   etc/…/FILE.merge     its keys are merged into the INI or cnf file /etc/…/FILE
 *   etc/…/FILE.append    its text is added below /etc/…/FILE: more HAProxy listeners, for example
 *   files/PATH           a file of the operator's own: /PATH on the host (services.own-files says whose it is there)
 *   templates/SERVICE/FILE.hbs   stands in for the template of that name, FILE.py and FILE.sh for a program
 * README.md files explain and are skipped; anything else is an error, so that nothing is silently without effect.
 */

/**
 * Reads the overrides of an inventory with these machines. Where nobody wrote where they are (`isNamed`), no folder means
 * none.
 */
export async function loadOverrides(
  { directory, isNamed }: OverridesPlace,
  machines: readonly Machine[],
): Promise<{ readonly overrides: readonly Override[]; readonly diagnostics: readonly Diagnostic[] }> {
  const hosts = machines.flatMap(({ nodes }) => nodes.map(({ name }) => name));
  const below = await filesBelow(directory);
  if (below === undefined) return { overrides: [], diagnostics: isNamed ? [notThere(directory)] : [] };
  const read = await Promise.all(below.files.map((file) => readOverride({ directory, file, hosts })));
  const found = [...below.unread, ...read];
  return {
    overrides: found.flatMap((result) => (result.kind === 'override' ? [result.override] : [])),
    diagnostics: found.flatMap((result) => (result.kind === 'mistake' ? [result.mistake] : [])),
  };
}

export interface OverridesPlace {
  /** Absolute. */
  readonly directory: string;
  /** The inventory names it; otherwise it is where it usually is. */
  readonly isNamed: boolean;
}

const notThere = (directory: string): Diagnostic =>
  error(['overrides'], `there is no folder ${shownPath(directory)}`, 'make it, or take this line away');

type Found =
  | { readonly kind: 'override'; readonly override: Override }
  | { readonly kind: 'mistake'; readonly mistake: LocatedDiagnostic };

interface Candidate {
  readonly directory: string;
  readonly file: string;
  readonly hosts: readonly string[];
}

async function readOverride({ directory, file, hosts }: Candidate): Promise<Found> {
  const source = join(directory, file);
  const segments = file.split('/');
  const scope = scopeOf(segments, hosts);
  if (typeof scope === 'string') return mistake(source, scope, scopeHint);
  const inner = segments.slice(scope.kind === 'all' ? 1 : 2).join('/');
  const what = whatOf(inner);
  if (!what) return mistake(source, 'is not understood as an override', innerHint);
  const read = await readText(source);
  if (read.kind !== 'text') {
    const reason = read.kind === 'missing' ? 'it is gone by now' : read.reason;
    return mistake(source, `can't be read: ${reason}`, 'correct that, or take it away');
  }
  return { kind: 'override', override: { scope, what: { ...what, content: unixText(read.text) }, source } };
}

/** As an editor of another system may have written it: a script whose first line ends with a CR can't be started. */
const unixText = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

function scopeOf(
  [first = '', second = '']: readonly string[],
  hosts: readonly string[],
): Override['scope'] | string {
  switch (first) {
    case 'all':
      return { kind: 'all' };
    case 'role':
      return isRole(second) ? { kind: 'role', role: second } : unknown('role', second, roles);
    case 'host':
      return hosts.includes(second) ? { kind: 'host', host: second } : unknown('host', second, hosts);
    default:
      return `is for ${first}, which is neither all, role/ROLE nor host/NAME`;
  }
}

const isRole = (word: string): word is Role => roles.some((role) => role === word);

function unknown(kind: string, word: string, known: readonly string[]): string {
  const meant = closestTo(word, known);
  return `is for the ${kind} ${word}, which does not exist${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

type What =
  | { readonly kind: 'merge-ini' | 'append' | 'own-file'; readonly path: string }
  | { readonly kind: 'replace-template'; readonly template: string };

function whatOf(inner: string): What | undefined {
  const template = /^templates\/(?<template>[^/]+\/.+\.(hbs|py|sh))$/.exec(inner)?.groups?.['template'];
  if (template !== undefined) return { kind: 'replace-template', template };
  if (inner.startsWith('templates/')) return undefined;
  const own = /^files\/(?<path>.+)$/.exec(inner)?.groups?.['path'];
  if (own !== undefined) return { kind: 'own-file', path: `/${own}` };
  const { path, suffix } = /^(?<path>[^/]+\/.+)\.(?<suffix>merge|append)$/.exec(inner)?.groups ?? {};
  if (path === undefined) return undefined;
  return { kind: suffix === 'merge' ? 'merge-ini' : 'append', path: `/${path}` };
}

const scopeHint = 'put it below all/, role/ROLE/ or host/NAME/';
const innerHint =
  'name it as the path on the host with .merge (keys of INI and cnf files) or .append, files/PATH for a file of your own, or templates/SERVICE/FILE.hbs (.py and .sh for programs)';

const mistake = (file: string, message: string, hint: string): Found => ({
  kind: 'mistake',
  mistake: { ...error([], message, hint), file: shownPath(file), line: 1, column: 1 },
});

interface Below {
  readonly files: readonly string[];
  readonly unread: readonly Found[];
}

async function filesBelow(directory: string): Promise<Below | undefined> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory() && entry.name !== 'README.md')
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
      .toSorted();
    return { files, unread: [] };
  } catch (cause) {
    const there = await lstat(directory).catch(() => undefined);
    if (there === undefined) return undefined;
    // To go on without them would be to take them back.
    const reason = there.isDirectory() ? reasonOf(cause) : 'it does not lead to a folder';
    const hint = 'make it a folder that you may read, or take it away';
    return { files: [], unread: [mistake(directory, `can't be read: ${reason}`, hint)] };
  }
}
