export { apiChecks, apiProbe, apiStatus } from './api.ts';
export { certificatesCheck } from './certificates.ts';
export { deployedCheck, isBeforeFirstDeploy } from './deployed.ts';
export { membershipCheck } from './membership.ts';
export { askForPage, bodyOf, statusOf } from './pages.ts';
export { preflightChecks, preflightProbes } from './preflight/index.ts';
export { askAsClient, pageName, servedHere, servedHereProbe } from './served-here.ts';
