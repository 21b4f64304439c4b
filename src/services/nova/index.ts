import { forgetHost, optionsAreKnown } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import {
  api,
  config,
  identity,
  metadataApi,
  remembering,
  schemas,
  secretNames,
  secrets,
  serviceName,
  user,
  workers,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { makeSchemas } from './schema.ts';
import { type NovaSettings, settings } from './settings.ts';

/** Servers: the API, the conductors that alone speak to the database of a cell, and the schedulers. */
export const nova = defineApiService<NovaSettings>({
  name: serviceName,
  title: 'Nova',
  after: ['keystone', 'glance', 'placement'],
  settings,
  perMachine: ['processes', 'metadataProcesses', 'conductorWorkers', 'schedulerWorkers'],
  apis: [api, metadataApi],
  workers: () => workers,
  config,
  // Twenty-one seconds on idle hosts.
  gateSeconds: 300,
  makeSchema: makeSchemas,
  secrets: () => secrets,
  databases: () => [{ user, secret: secretNames.database, schemas: Object.values(schemas) }],
  identities: () => [identity],
  resources: resourcesFor,
  validators: () => [
    optionsAreKnown({
      path: config,
      declaredIn: '/usr/share/nova-common/nova.conf',
      program: '/usr/bin/nova-manage',
    }),
  ],
  forget: (gone, staying, observed) => forgetHost(remembering, gone, staying, observed),
});
