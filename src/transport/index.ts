export { createFleet, type Fleet, type FleetOptions } from './fleet.ts';
export { fetchHostKeys, jumpHostsOf, type ShownKeys, withPinnedKeys } from './host-keys.ts';
