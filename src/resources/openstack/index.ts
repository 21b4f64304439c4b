export { type Api, apiAddress, apiListener, apiSocket } from './api.ts';
export { type ApiSettings, apiShape } from './api-settings.ts';
export { authorities, brokerValues, cacheServers, databaseValues, inUrl } from './connections.ts';
export { drainSteps, returnSteps } from './drain.ts';
export { catalogueEntry, endpointOf, identityUrl, identityValues } from './endpoints.ts';
export { firstStartOf } from './first-start.ts';
