export { type HostPaths, hostPaths, stateFormat } from './host-paths.ts';
export { type Observation, observeHosts } from './observe.ts';
