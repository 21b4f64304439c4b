export { checkTopology } from './check.ts';
export { type PlatformOf, resolveTopology } from './resolve.ts';
