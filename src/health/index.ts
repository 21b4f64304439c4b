export { preflightChecks, preflightProbes } from './preflight/index.ts';
