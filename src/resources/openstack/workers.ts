import type { Host } from '../../model/host.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { RestingUnits } from '../resting-units.ts';

/** Units that take their work from the message broker and run: what they are at would be missed. */
export const carriedByWorkers = (
  { units }: RestingUnits,
  { name }: Host,
  observed: ObservedState,
): readonly string[] =>
  units
    .filter((unit) => reachable(observed, name)?.units.get(unit)?.activeState === 'active')
    .map((unit) => `takes messages with ${unit}`);
