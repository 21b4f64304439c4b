import type { Host } from '../../model/host.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { RestingUnits } from '../resting-units.ts';

/** Units that take their work from the message broker: those that answer no API, which no load balancer could spare. */
export const workersOf = (
  service: string,
  units: readonly string[],
  apis: readonly { readonly check: { readonly unit: string } }[],
): RestingUnits => ({
  service,
  units: units.filter((name) => apis.every(({ check }) => check.unit !== name)),
});

/** Those that run: what they are at would be missed. */
export const carriedByWorkers = (
  { units }: RestingUnits,
  { name }: Host,
  observed: ObservedState,
): readonly string[] =>
  units
    .filter((unit) => reachable(observed, name)?.units.get(unit)?.activeState === 'active')
    .map((unit) => `takes messages with ${unit}`);
