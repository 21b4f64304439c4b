export { createFleet, type OpenFleet } from './fleet.ts';
export { fetchHostKeys, jumpHostsOf, type ShownKeys, withPinnedKeys } from './host-keys.ts';
export { type LocalFleet, localFleet } from './local-fleet.ts';
export { patienceDividedBy } from './patience.ts';
export { scriptedFleet } from './scripted-fleet.ts';
