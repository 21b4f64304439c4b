export type { HostPaths } from './host-paths.ts';
export { hostsAtOnce } from './hosts-at-once.ts';
export { breakLock, lookAtLock } from './lock-state.ts';
export { enterMaintenance, leaveMaintenance } from './maintenance.ts';
export type { Depth } from './observation-program.ts';
export { type Observation, observeHosts } from './observe.ts';
export { recoverServices } from './recover.ts';
export { rollOut } from './rollout.ts';
export { type Clock, systemClock } from './run-context.ts';
