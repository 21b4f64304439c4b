export { checkTopology } from './check.ts';
export { resolveTopology } from './resolve.ts';
