import { run } from './command.ts';
import { hostsNamed, type LabDescription, type LabHost, type Link } from './description.ts';
import { type Partition, readHostState } from './host-state.ts';
import { inside } from './network.ts';

interface Cut {
  readonly host: LabHost;
  readonly direction: Partition['direction'];
  /** Empty: from everybody. */
  readonly from: readonly LabHost[];
}

/** Makes the switch drop exactly what the hosts' recorded partitions say. */
export async function applyPartitions(lab: LabDescription): Promise<void> {
  const cuts: Cut[] = [];
  for (const host of lab.hosts) {
    const { partition } = await readHostState(lab, host);
    if (partition === undefined) continue;
    const from = partition.from.flatMap((name) => hostsNamed(lab, name));
    cuts.push({ host, direction: partition.direction, from });
  }
  await run([...inside(lab), 'nft', '-f', '-'], { input: ruleset(cuts, lab) });
}

/**
 * The switch's rules. Frames between hosts pass `forward`; those from and to the controller pass `input` and `output`,
 * where ssh and its ARP or neighbour discovery are spared, so that a cut-off host can still be looked at and healed.
 */
export function ruleset(cuts: readonly Cut[], lab: Pick<LabDescription, 'controller'>): string {
  const everybody = cuts.filter(({ from }) => from.length === 0);
  return [
    'table bridge mcp_lab',
    'delete table bridge mcp_lab',
    'table bridge mcp_lab {',
    ...chain('forward', cuts.flatMap(betweenHosts)),
    ...chain(
      'input',
      everybody.filter(isCut('out')).flatMap((cut) => toController(cut, lab)),
    ),
    ...chain(
      'output',
      everybody.filter(isCut('in')).flatMap((cut) => fromController(cut, lab)),
    ),
    '}',
    '',
  ].join('\n');
}

const chain = (hook: string, rules: readonly string[]): readonly string[] => [
  `  chain ${hook} {`,
  `    type filter hook ${hook} priority 0; policy accept;`,
  ...rules.map((rule) => `    ${rule}`),
  '  }',
];

function betweenHosts(cut: Cut): readonly string[] {
  const own = ports(cut.host.links);
  const others = cut.from.length === 0 ? undefined : ports(cut.from.flatMap(({ links }) => links));
  const out = others === undefined ? `iifname ${own} drop` : `iifname ${own} oifname ${others} drop`;
  const into = others === undefined ? `oifname ${own} drop` : `iifname ${others} oifname ${own} drop`;
  return [...(isCut('out')(cut) ? [out] : []), ...(isCut('in')(cut) ? [into] : [])];
}

/** What the controller would get: a VIP that the host holds must be as dark as its own services. */
const toController = ({ host }: Cut, lab: Pick<LabDescription, 'controller'>): readonly string[] => {
  const port = ports(host.links);
  return [
    ...spared(host, lab).map(({ replies }) => `iifname ${port} ${replies} accept`),
    `iifname ${port} drop`,
  ];
};

const fromController = ({ host }: Cut, lab: Pick<LabDescription, 'controller'>): readonly string[] => {
  const port = ports(host.links);
  return [
    ...spared(host, lab).map(({ requests }) => `oifname ${port} ${requests} accept`),
    `oifname ${port} drop`,
  ];
};

/** What passes between the controller and a cut-off host, both ways. */
function spared(
  host: LabHost,
  lab: Pick<LabDescription, 'controller'>,
): readonly { replies: string; requests: string }[] {
  const controllers = lab.controller.map((address) => address.split('/')[0] ?? '');
  const isV6 = host.address.includes(':');
  const own = controllers.filter((address) => address.includes(':') === isV6);
  const ssh = isV6
    ? {
        replies: `ip6 saddr ${host.address} tcp sport ${host.sshPort}`,
        requests: `ip6 daddr ${host.address} tcp dport ${host.sshPort}`,
      }
    : {
        replies: `ip saddr ${host.address} tcp sport ${host.sshPort}`,
        requests: `ip daddr ${host.address} tcp dport ${host.sshPort}`,
      };
  if (isV6) {
    const discovery = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }';
    return [ssh, { replies: discovery, requests: discovery }];
  }
  const arp = own.map((controller) => ({
    replies: `arp saddr ip ${host.address} arp daddr ip ${controller}`,
    requests: `arp saddr ip ${controller} arp daddr ip ${host.address}`,
  }));
  return [ssh, ...arp];
}

const isCut =
  (direction: 'in' | 'out') =>
  (cut: Cut): boolean =>
    cut.direction === direction || cut.direction === 'both';

const ports = (links: readonly Link[]): string => `{ ${links.map(({ port }) => `"${port}"`).join(', ')} }`;
