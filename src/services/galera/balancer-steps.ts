import type { ScriptStep } from '../../model/step.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import { backend, serverPort } from './layout.ts';

/** The HAProxy before the members, and the hosts on which it runs now. */
export interface Balancers {
  readonly hosts: readonly string[];
  readonly socket: string;
  /** Name of its unit without suffix. */
  readonly unit: string;
}

/** No hosts where the topology has no such HAProxy. */
export function balancersOn(topology: Topology, hosts: readonly string[]): Balancers {
  const front = topology.fronts.find(({ role }) => role === 'database');
  return front?.adminSocket === undefined
    ? { hosts: [], socket: '', unit: '' }
    : { hosts, socket: front.adminSocket, unit: front.unit.replace(/\.service$/, '') };
}

/**
 * Lets new SQL connections wait at their clients: who sends the first packet to the VIP gets no answer and sends it
 * again after a second. HAProxy's own means would be `set maxconn frontend`, but raising it again while connections
 * wait deadlocks the 2.6.12 of Debian 12. The rule forgets the address by itself should this run be cut off.
 */
export const holdConnections = (host: string, vip: string): ScriptStep => ({
  host,
  title: 'hold new SQL connections back',
  timeoutSeconds: 10,
  script: `set -eu
nft delete table inet ${holdTable} 2>/dev/null || :
nft -f - <<'RULES'
table inet ${holdTable} {
  set held { type ${vip.includes(':') ? 'ipv6_addr' : 'ipv4_addr'}; flags timeout; elements = { ${vip} timeout 15s } }
  chain input {
    type filter hook input priority -200; policy accept;
    ${vip.includes(':') ? 'ip6' : 'ip'} daddr @held tcp dport ${serverPort} tcp flags & (fin|syn|rst|ack) == syn drop
  }
}
RULES
`,
});

/** Takes `member` out where connections are held back, and lets them go: to the next member. */
export const switchOver = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  takeOut(balancers, member).map((step) => ({
    ...step,
    title: `${step.title} and let connections go`,
    script: `trap 'nft delete table inet ${holdTable} 2>/dev/null' EXIT\n${step.script}`,
  }));

/** Takes `member` out: its sessions end and no new ones come, whatever its health. */
export const takeOut = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'maint');

/** Puts `member` back; the writer stays where it is. */
export const putBack = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'ready');

const holdTable = 'mcp_galera_hold';

// HAProxy says nothing when all is well. A reload or a power cut must find the same state.
const setState = (
  { hosts, socket, unit }: Balancers,
  member: string,
  state: 'maint' | 'ready',
): readonly ScriptStep[] =>
  hosts.map((host) => ({
    host,
    title: state === 'maint' ? `take ${member} out` : `put ${member} back`,
    timeoutSeconds: 20,
    script: `set -eu
[ -S ${quote(socket)} ] || exit 0
said=$(echo 'set server ${backend}/${member} state ${state}' | timeout 5 socat -t 5 - UNIX-CONNECT:${quote(socket)})
if [ -n "$said" ]; then
  echo "HAProxy: $said" >&2
  exit 1
fi
if [ -x /usr/lib/mcp/haproxy-keep-state ]; then /usr/lib/mcp/haproxy-keep-state ${quote(unit)}; fi
`,
  }));
