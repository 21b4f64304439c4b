export { apiChecks, apiProbe, apiStatus } from './api.ts';
export { certificatesCheck } from './certificates.ts';
export { deployedCheck, isBeforeFirstDeploy } from './deployed.ts';
export { membershipCheck } from './membership.ts';
export { preflightChecks, preflightProbes } from './preflight/index.ts';
export { askForPages, pageName, servedHere, servedHereProbe, servedHereProgram } from './served-here.ts';
