import { McpError } from '../model/failure.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import { programWith } from '../model/shell-program.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import findResidueText from './find-residue.sh';
import { unitPrefix } from './healing.ts';

/** What a drill left behind, one sentence each: units, files, a partition, a VIP on no host or on two. */
export async function findResidue(
  topology: Topology,
  observed: ObservedState,
  connect: Connect,
): Promise<readonly string[]> {
  const left = await Promise.all(topology.hosts.map(({ name }) => unitsLeft(name, connect)));
  return [...left.flat(), ...misplacedVips(topology, observed)];
}

async function unitsLeft(host: string, connect: Connect): Promise<readonly string[]> {
  try {
    const connection = await connect(host);
    const { stdout } = await connection.run(listScript, { timeoutSeconds: 30 });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((left) => `${host} still has ${left}`);
  } catch (error) {
    // What it has can't be told; that it does not answer can.
    if (error instanceof McpError) return [error.message];
    throw error;
  }
}

const listScript = programWith(findResidueText, { values: { prefix: unitPrefix, table: 'mcp_drill' } });

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
