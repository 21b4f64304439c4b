import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import { readBack } from './consistency/read-back.ts';
import type { Workload } from './context.ts';
import { type LoadContext, startLoad } from './load/load.ts';
import { targetsOf } from './targets.ts';

/** Clients of this cloud's VIPs and brokers. Throws McpError where the inventory has nothing for them to use. */
export function clientWorkload(topology: Topology, connect: Connect, context: LoadContext): Workload {
  const targets = targetsOf(topology);
  return {
    start: (run, hit) => startLoad({ targets, run, hit }, context),
    readBack: (run, promised) => readBack({ run, targets, promised, connect, signal: context.signal }),
  };
}
