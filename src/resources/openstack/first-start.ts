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
 * What the instances of an API share (its schema) is made on one host, before any of them starts: the first that
 * answers. Undefined once an instance was started by us. A host that does not answer may be one where that was long ago;
 * then what is prepared is there already and stays as it is.
 */
export function firstStartOf(
  { unit, title, prepare }: FirstStart,
  instances: readonly Instance[],
  observed: ObservedState,
): Bootstrap | undefined {
  const answering = instances.flatMap(({ host }) => reachable(observed, host.name) ?? []);
  const [first] = answering;
  if (!first || answering.some(({ records }) => records.has(unit))) return undefined;
  return {
    host: first.host,
    unit,
    title,
    script: `set -eu\n${prepare}\nsystemctl reset-failed ${unit} 2>/dev/null || :\nsystemctl start ${unit}\n`,
  };
}
