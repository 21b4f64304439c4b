import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DesiredState } from '../../src/model/desired.ts';
import type { FileResource } from '../../src/model/resource.ts';
import { type Searched, searchTexts, type Wanted } from '../lab/support/secret-search.ts';

/** Files that were ever meant to be on a host, each as often as it was described. */
export type Declared = ReadonlyMap<string, readonly FileResource[]>;

export function declaredBy(states: readonly DesiredState[]): Declared {
  const declared = new Map<string, FileResource[]>();
  for (const { hosts } of states)
    for (const [host, { services }] of hosts)
      for (const resource of services.flatMap(({ resources }) => resources))
        if (resource.kind === 'file') declared.set(host, [...(declared.get(host) ?? []), resource]);
  return declared;
}

/** The folders of a host on this machine, and what it was meant to have. */
interface SearchedHost {
  readonly host: string;
  readonly folder: string;
  readonly declared: Declared;
}

/**
 * Looks through every file of a host. A secret may stand in a file whose declared content has it, at its path, with its
 * mode, which lets no stranger read; and in a copy of such a file below /var/lib/mcp that root alone can reach.
 */
export function searchHost(wanted: Wanted, { host, folder, declared }: SearchedHost): Searched {
  const paths = filesBelow(folder);
  const found = searchTexts(
    wanted,
    Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')])),
  );
  const files = declared.get(host) ?? [];
  return {
    ...found,
    leaks: found.leaks
      .filter(({ secret, place }) => !mayHold(wanted[secret] ?? '', { path: place, folder, files }))
      .map(({ secret, place }) => ({ secret, place: `${host}:${place}` })),
  };
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));

interface Place {
  readonly path: string;
  readonly folder: string;
  readonly files: readonly FileResource[];
}

function mayHold(value: string, { path, folder, files }: Place): boolean {
  const line = value.split('\n').find((each) => each.length >= 8 && !each.startsWith('-----')) ?? '';
  const holders = files.filter(({ content }) => content.includes(line));
  const mode = statSync(join(folder, path)).mode & 0o7777;
  if ((mode & 0o007) !== 0) return false;
  if (!path.startsWith(`${state}/`))
    return holders.some((file) => file.path === path && Number.parseInt(file.mode, 8) === mode);
  // A copy keeps the owner and the mode that a rollback gives back, and what a step has said is its program's own words.
  const isCopy = holders.some((file) => path.endsWith(file.path));
  return isShutAbove(folder, path) && (isCopy || (mode === 0o600 && /\/steps\/[0-9-]+\.out$/.test(path)));
}

const state = '/var/lib/mcp';

/** Whether a folder between it and our state lets nobody but root in. */
function isShutAbove(folder: string, path: string): boolean {
  for (let above = dirname(path); above.startsWith(state); above = dirname(above))
    if ((statSync(join(folder, above)).mode & 0o077) === 0) return true;
  return false;
}
