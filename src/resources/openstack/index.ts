export { type Api, apiAddress, apiListener, apiSocket } from './api.ts';
export {
  apiDropIn,
  dropInOf,
  secretFile,
  threadLocks,
  threadLocksOf,
  uwsgiArguments,
  workerDropIn,
} from './api-files.ts';
export { portSetting, threadsSetting, uwsgiShape, workersSetting } from './api-settings.ts';
export { authorities, brokerValues, cacheServers, databaseValues, ownAuthority } from './connections.ts';
export { drainSteps, returnSteps } from './drain.ts';
export { endpointOf, identityOfType, identityUrl, identityValues, tokenCheckValues } from './endpoints.ts';
export { firstStartOf } from './first-start.ts';
export { forgetHost, forgetProgram, type Remembering } from './forget.ts';
export { optionsAreKnown } from './known-options.ts';
export { logins, passwords } from './passwords.ts';
export { carriedByWorkers } from './workers.ts';
