import { run } from './command.ts';
import type { LabDescription } from './description.ts';
import { inside, wiresOf } from './network.ts';
import type { Segment } from './segments.ts';

/**
 * Where a lab has several wires, its own network is the router between them, as strict as that of a data centre: new
 * connections only from the management network, and to the public one; of others it lets nothing through but what belongs
 * to one that it has seen begin. So a reply that takes another way than its request is lost, and so is a connection in
 * whose middle somebody else takes over.
 */
export async function placeRouter(lab: LabDescription): Promise<void> {
  const wires = wiresOf(lab);
  if (wires.length < 2) return;
  // What stays on one wire is the switch's business: with br_netfilter in the kernel it would meet the router's rules, too.
  await set(lab, ['net/bridge/bridge-nf-call-iptables 0', 'net/bridge/bridge-nf-call-ip6tables 0']);
  await run([...inside(lab), 'nft', '-f', '-'], { input: routerRules(wires) });
  // Once the rules are there: before them the kernel follows no connections in this network, and has no such file.
  await set(lab, ['net/netfilter/nf_conntrack_tcp_loose 0', 'net/ipv4/ip_forward 1']);
}

/** Settings of the lab's own network: names below /proc/sys with their values. One that the kernel does not have is left out. */
async function set(lab: LabDescription, settings: readonly string[]): Promise<void> {
  const each =
    'while read -r name value; do [ ! -e "/proc/sys/$name" ] || echo "$value" >"/proc/sys/$name" || exit; done';
  await run([...inside(lab), 'sh', '-c', each], { input: `${settings.join('\n')}\n` });
}

/** The router's rules. A wire that no network of the inventory is on is that of clients. */
export function routerRules(wires: readonly Segment[]): string {
  const wireOf = (name: Segment['networks'][number]) => wires.find(({ networks }) => networks.includes(name));
  const management = wireOf('management');
  const open = wireOf('public') ?? management;
  return [
    'table inet mcp_lab_router',
    'delete table inet mcp_lab_router',
    'table inet mcp_lab_router {',
    '  chain forward {',
    '    type filter hook forward priority 0; policy drop;',
    '    ct state established,related accept',
    '    ct state invalid drop',
    ...(management ? [`    iifname "${management.bridge}" accept`] : []),
    ...(open ? [`    oifname "${open.bridge}" accept`] : []),
    '  }',
    '}',
    '',
  ].join('\n');
}
