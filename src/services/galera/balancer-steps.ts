import { programWith } from '../../model/shell-program.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { Topology } from '../../model/topology.ts';
import holdConnectionsText from './hold-connections.sh';
import { backend, serverPort } from './layout.ts';
import tellHaproxyText from './tell-haproxy.sh';

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
  script: programWith(holdConnectionsText, {
    values: {
      vip,
      ...(vip.includes(':') ? { type: 'ipv6_addr', family: 'ip6' } : { type: 'ipv4_addr', family: 'ip' }),
      port: serverPort,
    },
  }),
});

/** Takes `member` out where connections are held back, and lets them go: to the next member. */
export const switchOver = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  takeOut(balancers, member).map((step) => ({
    ...step,
    title: `${step.title} and let connections go`,
    script: `trap 'nft delete table inet mcp_galera_hold 2>/dev/null' EXIT\n${step.script}`,
  }));

/** Takes `member` out: its sessions end and no new ones come, whatever its health. */
export const takeOut = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'maint');

/** Puts `member` back; the writer stays where it is. */
export const putBack = (balancers: Balancers, member: string): readonly ScriptStep[] =>
  setState(balancers, member, 'ready');

const setState = (
  { hosts, socket, unit }: Balancers,
  member: string,
  state: 'maint' | 'ready',
): readonly ScriptStep[] =>
  hosts.map((host) => ({
    host,
    title: state === 'maint' ? `take ${member} out` : `put ${member} back`,
    timeoutSeconds: 20,
    script: programWith(tellHaproxyText, {
      values: { socket, unit, command: `set server ${backend}/${member} state ${state}` },
    }),
  }));
