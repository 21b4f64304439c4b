import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DesiredState } from '../../src/model/desired.ts';
import { type LocalFleet, localFleet } from '../../src/transport/index.ts';
import { hostPrograms } from '../crash/host-programs.ts';

/**
 * Hosts whose /etc, /var, /run and /usr/local are folders of their own, in a mount namespace for each shell: paths, owners
 * and modes are those that the inventory says. The rest of /usr is this machine's, and can't be written. Needs root.
 */
export interface RootedHosts {
  readonly root: string;
  fleet(): LocalFleet;
  /** Where a file of a host lies on this machine. */
  at(host: string, path: string): string;
}

interface Rooted {
  readonly desired: DesiredState;
  /** Debian's name for what each runs, which need not be what this machine runs. */
  readonly releases: ReadonlyMap<string, string>;
  /** Those that hosts have in place of ours. */
  readonly programs: Readonly<Record<string, string>>;
}

export function rootedHosts(root: string, { desired, releases, programs }: Rooted): RootedHosts {
  const at = (host: string, path: string) => join(root, host, path);
  for (const [name, script] of Object.entries({ ...hostPrograms, ...programs }))
    writeProgram(join(root, 'programs', name), script);
  writeProgram(join(root, 'enter/sh'), enter);
  for (const host of desired.hosts.keys()) {
    for (const folder of [
      ...bound,
      'units',
      'transient',
      'packages',
      'var/lib',
      'var/tmp',
      'etc/systemd/system',
    ])
      mkdirSync(at(host, folder), { recursive: true });
    for (const name of ofThisMachine)
      cpSync(join('/etc', name), at(host, `etc/${name}`), { recursive: true, verbatimSymlinks: true });
    for (const path of pathsOf(host, desired)) mkdirSync(dirname(at(host, path)), { recursive: true });
    writeFileSync(at(host, 'etc/os-release'), `ID=debian\nVERSION_CODENAME=${releases.get(host)}\n`);
    addAccounts(at(host, 'etc'), accountsOf(desired));
  }
  const environment = { PATH: `${join(root, 'enter')}:${process.env['PATH']}`, LAB: root };
  return { root, at, fleet: () => localFleet({ environment }) };
}

const bound = ['etc', 'var', 'run', 'usr/local'];
const ofThisMachine = ['passwd', 'group', 'nsswitch.conf', 'ld.so.cache', 'alternatives'];

/** What `sh` is for who connects: a shell on the host. */
const enter = `#!/bin/sh
exec unshare --mount --propagation private /bin/sh -c '
host=$LAB/$HOST
mount --bind /usr /usr && mount -o remount,ro,bind /usr || exit 97
for each in ${bound.join(' ')}; do mount --bind "$host/$each" "/$each" || exit 97; done
cd / && PATH=$LAB/programs:/usr/sbin:/usr/bin:/sbin:/bin exec /bin/sh "$@"' sh "$@"
`;

function writeProgram(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

const pathsOf = (host: string, { hosts }: DesiredState): readonly string[] =>
  (hosts.get(host)?.services ?? [])
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => (resource.kind === 'file' ? [resource.path] : []));

function accountsOf({ hosts }: DesiredState): ReadonlySet<string> {
  const resources = [...hosts.values()].flatMap(({ services }) => services.flatMap((each) => each.resources));
  return new Set(resources.flatMap((each) => ('owner' in each ? [each.owner, each.group] : [])));
}

/** Those that packages bring, under numbers that nobody has. */
function addAccounts(etc: string, names: ReadonlySet<string>): void {
  const [users, groups] = ['passwd', 'group'].map((name) => readFileSync(join(etc, name), 'utf8'));
  const missingIn = (text = '') =>
    [...names].filter((name) => !text.split('\n').some((line) => line.startsWith(`${name}:`)));
  const numbered = (name: string) => 60_000 + [...names].indexOf(name);
  const newUsers = missingIn(users).map(
    (name) => `${name}:x:${numbered(name)}:${numbered(name)}::/:/bin/false\n`,
  );
  const newGroups = missingIn(groups).map((name) => `${name}:x:${numbered(name)}:\n`);
  writeFileSync(join(etc, 'passwd'), `${users}${newUsers.join('')}`);
  writeFileSync(join(etc, 'group'), `${groups}${newGroups.join('')}`);
  chownSync(etc, 0, 0);
}
