export { checkTopology } from './check.ts';
export { commonSettings, resolveTopology } from './resolve.ts';
