import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Bootstrap } from '../../model/service.ts';
import type { Instance } from '../../model/topology.ts';

interface FirstStart {
  readonly unit: string;
  readonly title: string;
  /** Makes what all instances share. Must be safe to repeat: a run may be cut off after it. */
  readonly prepare: string;
}

/**
 * What the instances of an API share (its schema) is made on one host, before any of them starts. Undefined once one
 * was started by us, or while it can't be known whether one was.
 */
export function firstStartOf(
  { unit, title, prepare }: FirstStart,
  instances: readonly Instance[],
  observed: ObservedState,
): Bootstrap | undefined {
  const hosts = instances.map(({ host }) => reachable(observed, host.name));
  const [first] = instances;
  if (!first || hosts.some((seen) => seen === undefined || seen.records.has(unit))) return undefined;
  return {
    host: first.host.name,
    unit,
    title,
    script: `set -eu\n${prepare}\nsystemctl reset-failed ${unit} 2>/dev/null || :\nsystemctl start ${unit}\n`,
  };
}
