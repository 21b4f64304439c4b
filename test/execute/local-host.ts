import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostPaths } from '../../src/execute/index.ts';
import { type LocalFleet, localFleet } from '../../src/transport/index.ts';

/** A host that is a folder of this machine: real shells, real files, and a systemd made of files. Needs no root. */
export interface LocalHost extends AsyncDisposable {
  readonly root: string;
  readonly fleet: LocalFleet;
  readonly paths: HostPaths;
  /** Owner and group that files can have without being root. */
  readonly owner: string;
  readonly group: string;
  read(path: string): string;
  exists(path: string): boolean;
  write(path: string, text: string): void;
  /** A program that its shells find before that of this machine. */
  program(name: string, script: string): void;
  readonly environment: Readonly<Record<string, string>>;
  /** Every act on units so far: `restart alpha.service`. */
  acts(): readonly string[];
  /** Transient units and unit files of ours that are there now. */
  leftovers(): readonly string[];
  /** How often it was observed. */
  looks(): number;
}

/** In a folder of its own, or in that of another process's host: then it is the same host. */
export function localHost(root = mkdtempSync(join(tmpdir(), 'mcp-host-'))): LocalHost {
  for (const folder of ['bin', 'units', 'transient', 'fired', 'run', 'etc', 'refuses'])
    mkdirSync(join(root, folder), { recursive: true });
  const program = (name: string, script: string) => {
    const path = join(root, 'bin', name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
  };
  for (const [name, script] of Object.entries(programs)) program(name, script);
  const environment = { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, LAB: root };
  const fleet = localFleet({ environment });
  const at = (path: string) => join(root, path);
  const lines = (path: string) =>
    existsSync(at(path)) ? readFileSync(at(path), 'utf8').trim().split('\n') : [];
  return {
    root,
    fleet,
    environment,
    program,
    paths: {
      state: at('state'),
      volatile: at('run'),
      lock: at('run/mcp-lock/lock'),
      formerLock: at('run/mcp.lock'),
      units: at('etc/systemd'),
      startPolicy: at('policy-rc.d'),
    },
    owner: userInfo().username,
    group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
    read: (path) => readFileSync(at(path), 'utf8'),
    exists: (path) => existsSync(at(path)),
    write: (path, text) => writeFileSync(at(path), text),
    acts: () => lines('acts'),
    leftovers: () =>
      ['transient', 'etc/systemd', 'etc/systemd/timers.target.wants']
        .filter((folder) => existsSync(at(folder)))
        .flatMap((folder) => readdirSync(at(folder)))
        .filter((name) => name.startsWith('mcp-')),
    looks: () => lines('looks').length,
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      for (const name of readdirSync(at('transient')).filter((each) => each.endsWith('.timer')))
        endTimer(at(join('transient', name)));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** What a host has of systemd: a file a unit, its state inside; `refuses/UNIT` makes every act on it fail. */
const systemctl = `#!/bin/sh
verb=$1; shift
names=
for word; do case $word in --*|active,*|Id,*|LoadState) ;; *) names="$names $word" ;; esac; done
alive() { [ -e "$LAB/transient/$1" ]; }
case $verb in
  show)
    case "$*" in *--value*) echo loaded; exit ;; *'mcp-['*) echo look >>"$LAB/looks" ;; esac
    for name in $names; do
      case $name in
        mcp-*)
          for file in "$LAB"/transient/mcp-*; do
            [ ! -e "$file" ] || printf 'Id=%s\\nLoadState=loaded\\nActiveState=active\\n\\n' "\${file##*/}"
          done
          continue ;;
      esac
      state=inactive; enabled=disabled; pid=0
      [ -r "$LAB/units/$name" ] && state=$(cat "$LAB/units/$name") && enabled=enabled && pid=$(grep -c "start $name" "$LAB/acts")
      printf 'Id=%s\\nLoadState=loaded\\nActiveState=%s\\nSubState=running\\nUnitFileState=%s\\nMainPID=%s\\n\\n' "$name" "$state" "$enabled" "$pid"
    done ;;
  is-active)
    for name in $names; do
      case $name in
        mcp-*) alive "$name" || exit 3 ;;
        *) [ "$(cat "$LAB/units/$name" 2>/dev/null)" = active ] || exit 3 ;;
      esac
    done ;;
  list-units) for file in "$LAB"/transient/mcp-*; do name=\${file##*/}; [ "$name" = 'mcp-*' ] || ! alive "$name" || echo "$name loaded active"; done ;;
  start|restart|reload|stop)
    for name in $names; do
      # What a timer has started does not end with it.
      case $name in mcp-*) [ -e "$LAB/fired/$name" ] || { kill "$(cat "$LAB/transient/$name")" && rm "$LAB/transient/$name"; }; continue ;; esac
      echo "$verb $name" >>"$LAB/acts"
      [ ! -e "$LAB/refuses/$name" ] || { echo "Job for $name failed." >&2; exit 1; }
      [ "$verb" = stop ] && echo inactive >"$LAB/units/$name" || echo active >"$LAB/units/$name"
    done ;;
esac
exit 0
`;

const systemdRun = `#!/bin/sh
delay=0
while :; do
  case $1 in
    --unit=*) unit=\${1#--unit=} ;;
    --on-active=*) delay=\${1#--on-active=}; suffix=.timer ;;
    --*) ;;
    *) break ;;
  esac
  shift
done
[ "$delay" = 0 ] || unit=$unit.timer
echo starting >"$LAB/transient/$unit"
setsid sh -c 'echo $$ >"$0"; sleep "$1"; shift; : >"$LAB/fired/\${0##*/}"; "$@"; rm -f "$0"' "$LAB/transient/$unit" "$delay" "$@" >/dev/null 2>&1 </dev/null &
`;

const programs = {
  systemctl,
  'systemd-run': systemdRun,
  journalctl: '#!/bin/sh\necho "its last words"\n',
  'dpkg-query': '#!/bin/sh\nexit 1\n',
};

/** A timer that nobody stopped would sleep on without its host. */
function endTimer(file: string): void {
  const pid = Number(readFileSync(file, 'utf8'));
  // Tests write what they like there; to end group 1 would end everybody.
  if (!(pid > 1) || !isTimer(pid)) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Whether it is the shell that our `systemd-run` has started. */
function isTimer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sleep "$1"');
  } catch {
    return false;
  }
}
