import { availableParallelism } from 'node:os';
import type { Topology } from '../model/topology.ts';

/**
 * How many hosts are made to compute at a time where it could be all of them. Machines have processors of their own;
 * those of a lab share this one's, of which it gives each machine half: what serves there needs the rest.
 */
export const hostsAtOnce = ({ inventory: { lab } }: Pick<Topology, 'inventory'>): number =>
  lab === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(availableParallelism() / 2));
