export { type Api, apiAddress, apiListener, apiSocket } from './api.ts';
export { apiDropIn, dropInOf, secretFile, threadLocks, threadLocksOf, uwsgiArguments } from './api-files.ts';
export { portSetting, threadsSetting, uwsgiShape, workersSetting } from './api-settings.ts';
export { authorities, brokerValues, cacheServers, databaseValues } from './connections.ts';
export { drainSteps, returnSteps } from './drain.ts';
export { endpointOf, identityOfType, identityUrl, identityValues, tokenCheckValues } from './endpoints.ts';
export { firstStartOf } from './first-start.ts';
export { forgetHost, forgetProgram, type Remembering } from './forget.ts';
export { passwords } from './passwords.ts';
