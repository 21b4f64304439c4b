import type { ScriptStep } from '../../model/step.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import { backend } from './layout.ts';

/** The HAProxy before the members, as found on each of `hosts`. */
export interface Balancers {
  readonly hosts: readonly string[];
  readonly socket: string;
  /** Name of its unit without suffix. */
  readonly unit: string;
}

/** The HAProxys that are there now; empty before they are deployed. */
export function balancersOn(topology: Topology, hosts: readonly string[]): Balancers {
  const front = topology.fronts.find(({ role }) => role === 'database');
  return front?.adminSocket === undefined
    ? { hosts: [], socket: '', unit: '' }
    : { hosts, socket: front.adminSocket, unit: front.unit.replace(/\.service$/, '') };
}

/**
 * Lets new SQL connections wait in the kernel's queue of the listener: they are accepted, get no greeting yet and are
 * served the moment they are let go. Lets them go by itself should this run be cut off.
 */
export const holdConnections = (balancers: Balancers): readonly ScriptStep[] =>
  onEach(
    balancers,
    'hold new SQL connections back',
    (socket) => `${talk(socket)}
if [ ! -f ${heldMark} ]; then
  limit=$(ask 'show stat ${backend} 1 -1' | awk -F , '
    NR == 1 { for (field = 1; field <= NF; field++) if ($field == "slim") wanted = field }
    NR == 2 { print $wanted }')
  case $limit in '' | 0 | *[!0-9]*)
    echo "HAProxy does not tell how many SQL connections it takes: '$limit'" >&2
    exit 1 ;;
  esac
  mkdir -p /run/mcp
  echo "$limit" >${heldMark}.new
  mv ${heldMark}.new ${heldMark}
fi
systemctl stop ${releaseUnit}.timer 2>/dev/null || :
systemd-run --quiet --collect --unit=${releaseUnit} --on-active=${holdSeconds} \\
  /bin/sh -c ${quote(`${talk(socket)}\n${release}`)}
ask 'set maxconn frontend ${backend} 0'
`,
  );

/** Lets waiting connections go. Does nothing where none are held back. */
export const releaseConnections = (balancers: Balancers): readonly ScriptStep[] =>
  onEach(
    balancers,
    'let SQL connections go',
    (socket) => `${talk(socket)}
systemctl stop ${releaseUnit}.timer 2>/dev/null || :
${release}
`,
  );

/** Takes `member` out: its sessions end and no new ones come, whatever its health. */
export const takeOut = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'maint');

/** Puts `member` back; the writer stays where it is. */
export const putBack = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'ready');

const setState = (balancers: Balancers, member: string, state: 'maint' | 'ready'): readonly ScriptStep[] =>
  onEach(
    balancers,
    state === 'maint' ? `take ${member} out` : `put ${member} back`,
    (socket) => `${talk(socket)}
ask 'set server ${backend}/${member} state ${state}'
# A reload or a power cut must find the same.
if [ -x /usr/lib/mcp/haproxy-keep-state ]; then /usr/lib/mcp/haproxy-keep-state ${balancers.unit}; fi
`,
  );

const heldMark = '/run/mcp/galera-held';
const releaseUnit = 'mcp-galera-release';
// Longer than a hand-over can take.
const holdSeconds = 20;

const release = `if [ -f ${heldMark} ]; then
  ask "set maxconn frontend ${backend} $(cat ${heldMark})"
  rm -f ${heldMark}
fi`;

// HAProxy answers with a blank line when all is well and with a sentence when it is not.
const talk = (socket: string): string => `set -eu
[ -S ${quote(socket)} ] || exit 0
ask() {
  said=$(printf '%s\\n' "$1" | timeout 5 socat -t 5 - UNIX-CONNECT:${quote(socket)})
  case $1 in
    show*) printf '%s\\n' "$said" ;;
    *) if [ -n "$said" ]; then echo "HAProxy: $said" >&2; return 1; fi ;;
  esac
}`;

const onEach = (
  { hosts, socket }: Balancers,
  title: string,
  scriptFor: (socket: string) => string,
): readonly ScriptStep[] =>
  hosts.map((host) => ({ host, title, script: scriptFor(socket), timeoutSeconds: 30 }));
