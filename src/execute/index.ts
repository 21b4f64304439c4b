export type { HostPaths } from './host-paths.ts';
export { observeHosts } from './observe.ts';
export { rollOut } from './rollout.ts';
