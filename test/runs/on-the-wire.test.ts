import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { preflightChecks, preflightProbes } from '../../src/health/index.ts';
import type { Host } from '../../src/model/host.ts';
import type { Topology } from '../../src/model/topology.ts';
import { root } from '../support/golden.ts';
import { observed, observedHost } from '../support/observed.ts';
import { topologyOf } from '../support/openstack.ts';

// The real programs, in network namespaces that nobody else sees and that end with them: prx01 of the segmented layout with
// its interfaces and its own firewall, and at the other end of its cables whoever else is there.

const topology = await topologyOf(`${root}test/layouts/segmented.yaml`);
const host = hostCalled('prx01');
const firewall = `${root}test/golden/segmented-bookworm/prx01/etc/mcp/firewall.nft`;
const claim = `python3 ${root}test/lab/support/claim-vip.py`;
const canMakeNetworks = isAllowed();

test.skipIf(!canMakeNetworks).each([
  { who: 'a stranger that tells all', source: '198.51.100.99', to: '224.0.0.18', isFound: true },
  { who: 'a stranger that tells us alone', source: '198.51.100.99', to: '198.51.100.14', isFound: true },
  { who: 'our other proxy', source: '198.51.100.15', to: '198.51.100.14', isFound: false },
])(
  'routers are heard in the network of a VIP, through our own firewall: $who',
  async ({ source, to, isFound }) => {
    const said = await among(`
    there ip addr add ${source}/32 dev outside
    there ip route replace ${to} dev outside src ${source}
    tell 51 198.51.100.200 ${to}
    # The same number in a network in which we have no VIP is another group.
    tell 51 10.20.0.201 10.20.0.14
    # Both speak: their raw sockets are there, however long this machine takes to start them.
    for try in $(seq 300); do [ "$(there grep -c : /proc/net/raw)" -lt 2 ] || break; sleep 0.1; done
    sleep 0.2
    ( ${scriptOf('preflight.vrrp')}
    )
    kill $told`);
    expect(said.split('\n').toSorted()).toEqual(['', `hears bond0.120 ${source} 51`, 'listened']);
    expect(messagesOf('preflight.vrrp', said)).toEqual(
      isFound
        ? [
            `hears VRRP router id 51 from ${source}, which is none of our hosts, in the public network (VIP public uses it)`,
          ]
        : [],
    );
  },
);

test.skipIf(!canMakeNetworks)(
  'a network that drops what fills the interface is told, and so are who does not answer there and a gateway',
  async () => {
    const script = scriptOf('preflight.wire');
    const reached = await among(`
      for address in 10.20.0.11 10.20.0.12 10.20.0.13 10.20.0.15; do there ip addr add $address/24 dev outside-mgmt; done
      for address in 198.51.100.1 198.51.100.15; do there ip addr add $address/24 dev outside; done
      for address in 10.20.1.11 10.20.1.12 10.20.1.13 10.20.1.15; do there ip addr add $address/24 dev outside-int; done
      ${script}`);
    expect(messagesOf('preflight.wire', reached)).toEqual([]);
    const holed = await among(`
      for address in 10.20.0.11 10.20.0.12 10.20.0.13 10.20.0.15; do there ip addr add $address/24 dev outside-mgmt; done
      there ip addr add 198.51.100.15/24 dev outside
      for address in 10.20.1.11 10.20.1.12 10.20.1.13; do there ip addr add $address/24 dev outside-int; done
      # A switch on the way takes less than the cards do.
      there nft 'add table inet hole; add chain inet hole in { type filter hook input priority 0; };
        add rule inet hole in ip daddr 10.20.0.12 meta length > 1400 drop'
      ${script}`);
    expect(messagesOf('preflight.wire', holed)).toEqual([
      'packets that fill br-mgmt do not get to ctl02 (10.20.0.12) and back in the management network, small ones do',
      'gets no answer to ping from prx02 (10.20.1.15) in the internal network, over bond0.110',
      'gets no answer to ping from the gateway (198.51.100.1) in the public network, over bond0.120',
    ]);
  },
);

/** What these lines print on prx01, in a network of its own; `there` runs a program at the other end of its cables. */
async function among(lines: string): Promise<string> {
  const program = `set -e
    # As a host sees its cards.
    mount -t sysfs sysfs /sys
    unshare -n sleep 60 >/dev/null & far=$!
    trap 'kill $far' EXIT
    until [ -e /proc/$far/ns/net ] && [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
    there() { nsenter --preserve-credentials -t $far -n "$@"; }
    claim=${JSON.stringify(claim)}
    told=
    # An input that never ends: who has listened ends it, however slow this machine is.
    endless=$(mktemp -u)
    mkfifo "$endless"
    exec 9<>"$endless"
    rm "$endless"
    tell() {
      nsenter --preserve-credentials -t $far -n $claim "$@" <&9 >/dev/null &
      told="$told $!"
    }
    cable() {
      ip link add "$1" type veth peer name "$3"
      ip link set "$3" netns $far
      ip addr add "$2" dev "$1"
      ip link set "$1" up
      there ip link set "$3" up
    }
    ip link set lo up
    there ip link set lo up
    cable br-mgmt 10.20.0.14/24 outside-mgmt
    cable bond0.110 10.20.1.14/24 outside-int
    cable bond0.120 198.51.100.14/24 outside
    there ip addr add 10.20.0.200/24 dev outside-mgmt
    there ip addr add 198.51.100.99/24 dev outside
    nft -f ${firewall}
    set +e
    ${lines}`;
  const { stdout } = await promisify(execFile)('unshare', ['-rnm', 'sh', '-c', program]);
  return stdout;
}

function messagesOf(name: string, said: string): readonly string[] {
  const others = topology.hosts.map((each) =>
    observedHost(each.name, each.name === host.name ? { probes: { [name]: said } } : {}),
  );
  return preflightChecks(topology)
    .filter((check) => check.name === name)
    .flatMap((check) => check.judge(observed(...others)))
    .filter(({ hosts }) => hosts.includes(host.name))
    .filter(({ message }) => !message.startsWith('could not'))
    .map(({ message }) => message);
}

function scriptOf(name: string): string {
  const probe = preflightProbes(topology, host).find((each) => each.name === name);
  if (probe?.script === undefined) throw new Error(`no probe ${name}`);
  return probe.script;
}

function hostCalled(name: string, { hosts }: Topology = topology): Host {
  const found = hosts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no host ${name}`);
  return found;
}

/** Root may make network namespaces, and others where their kernel lets them. */
function isAllowed(): boolean {
  try {
    execFileSync('unshare', ['-rnm', 'mount', '-t', 'sysfs', 'sysfs', '/sys'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
