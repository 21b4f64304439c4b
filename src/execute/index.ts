export { type HostPaths, hostPaths } from './host-paths.ts';
export { type Observation, observeHosts } from './observe.ts';
export { type RolloutRequest, rollOut } from './rollout.ts';
export type { Clock, StopSignals } from './run-context.ts';
