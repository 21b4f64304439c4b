import { type ObservedState, reachable } from '../model/observed.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import { unitPrefix } from './healing.ts';

/** What a drill left behind, one sentence each: transient units, a VIP on no host or on two. */
export async function findResidue(
  topology: Topology,
  observed: ObservedState,
  connect: Connect,
): Promise<readonly string[]> {
  const left = await Promise.all(topology.hosts.map(({ name }) => unitsLeft(name, connect)));
  return [...left.flat(), ...misplacedVips(topology, observed)];
}

async function unitsLeft(host: string, connect: Connect): Promise<readonly string[]> {
  const connection = await connect(host);
  const { stdout } = await connection.run(listScript, { timeoutSeconds: 30 });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((left) => `${host} still has ${left}`);
}

const listScript = `systemctl list-units --all --plain --no-legend '${unitPrefix}*' | cut -d ' ' -f 1
[ ! -e /run/${unitPrefix} ] || echo /run/${unitPrefix}
`;

function misplacedVips(topology: Topology, observed: ObservedState): readonly string[] {
  return topology.vips.flatMap(({ name, address }) => {
    const holders = topology.hosts.filter((host) =>
      reachable(observed, host.name)?.addresses.includes(address),
    );
    if (holders.length === 1) return [];
    const where = holders.length === 0 ? 'no host' : holders.map((host) => host.name).join(' and ');
    return [`the VIP ${name} is on ${where}`];
  });
}
