import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalCloud } from './local-cloud.ts';

/** What there is on a host that a run which was never killed would have left as well: by path, with what it says. */
export type Tree = ReadonlyMap<string, string>;

/**
 * Files, units, records and marks. Left out: the folders of runs, which are told apart by their names, and what only
 * tells when something was done.
 */
export function treeOf(cloud: LocalCloud, host: string): Tree {
  const root = cloud.at(host, '.');
  const paths = filesBelow(root).filter((path) => !notCompared.some((pattern) => pattern.test(path)));
  return new Map(paths.map((path) => [path, settled(path, readFileSync(join(root, path), 'utf8'))]));
}

const notCompared = [
  /^acts$/,
  /^begun$/,
  /^packages\//,
  /^units\/.*\.starts$/,
  /^run\/mcp-lock\//,
  /^run\/mcp\.lock$/,
  /^var\/mcp\/runs\//,
  /^var\/mcp\/asked$/,
];

/** Where lines have no order, and a generation counts runs. */
function settled(path: string, text: string): string {
  if (/(files|belongings|originals\.known)$/.test(path)) return text.split('\n').sort().join('\n');
  if (!path.endsWith('/members')) return text;
  const { members, forgotten } = JSON.parse(text);
  return JSON.stringify([members, forgotten]);
}

function filesBelow(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return statSync(join(root, path)).isDirectory() ? filesBelow(root, path) : [path];
  });
}

/** How two trees differ, in words. */
export const differences = (host: string, now: Tree, expected: Tree): readonly string[] => [
  ...[...now.keys()].filter((path) => !expected.has(path)).map((path) => `${host} has ${path}`),
  ...[...expected]
    .filter(([path, text]) => now.get(path) !== text)
    .map(([path]) => (now.has(path) ? `${host} has another ${path}` : `${host} has no ${path}`)),
];

/** Acts on units and tasks, in their order: `restart cluster.service version 2`. */
export const actsOn = (cloud: LocalCloud, host: string): readonly string[] => {
  const file = cloud.at(host, 'acts');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

/** What a run keeps while it lives and must not leave: locks that are held, transient units, guards, marks, policies. */
export function leftOn(cloud: LocalCloud, host: string): readonly string[] {
  const at = (path: string) => cloud.at(host, path);
  const lock = at('run/mcp-lock/lock');
  return [
    ...(isFree(lock) ? [] : [`${host}: its lock is held`]),
    ...cloud.transient(host).map((name) => `${host}: transient ${name}`),
    ...readdirSync(at('etc/systemd'))
      .filter((name) => name.startsWith('mcp-'))
      .map((name) => `${host}: guard ${name}`),
    ...readdirSync(at('run'))
      .filter((name) => !['mcp-lock', 'mcp.lock'].includes(name))
      .map((name) => `${host}: volatile ${name}`),
    ...readdirSync(at('.'))
      .filter((name) => name.startsWith('policy-rc.d'))
      .map((name) => `${host}: a start policy, ${name}`),
    ...marksOn(at('var/mcp')).map((name) => `${host}: mark ${name}`),
    ...filesBelow(at('.'))
      .filter((path) => /(^|\/)\.mcp-new\/|^var\/mcp\/[^/]*\.new$/.test(path))
      .map((path) => `${host}: unfinished ${path}`),
    ...unreadable(at('var/mcp/runs')).map((line) => `${host}: journal says "${line}"`),
  ];
}

function isFree(lock: string): boolean {
  if (!existsSync(lock)) return true;
  try {
    execFileSync('flock', ['-n', lock, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const marksOn = (state: string): readonly string[] =>
  ['marks', 'units'].flatMap((folder) =>
    existsSync(join(state, folder))
      ? readdirSync(join(state, folder)).filter((name) => folder === 'marks' || name.startsWith('left-'))
      : [],
  );

/** Lines of journals that say neither what was started nor how it ended. */
const unreadable = (runs: string): readonly string[] =>
  (existsSync(runs) ? readdirSync(runs) : [])
    .map((run) => join(runs, run, 'journal'))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line !== '' && !/^\d{4}-\d\d-\d\dT[\d:.]+ (started \S+ .+|ended \d+ \S+)$/.test(line));
