import { availableParallelism } from 'node:os';
import type { Topology } from '../model/topology.ts';

/**
 * How many hosts are made to compute at a time where it could be all of them. Machines have processors of their own;
 * those in a namespace share this one's, of which a lab gives each machine half: what serves there needs the rest.
 */
export const hostsAtOnce = ({ inventory: { ssh } }: Pick<Topology, 'inventory'>): number =>
  ssh.namespace === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.floor(availableParallelism() / 2));
