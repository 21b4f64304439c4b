export { checkTopology } from './check.ts';
export { withFormerMembers } from './former.ts';
export { commonSettings, resolveTopology } from './resolve.ts';
