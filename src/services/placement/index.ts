import { pythonCompiles } from '../../resources/index.ts';
import { optionsAreKnown, threadLocksOf } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import { api, config, identity, secretNames, secrets, serviceName, systemUser, user } from './names.ts';
import { resourcesFor } from './resources.ts';
import { type PlacementSettings, settings } from './settings.ts';

/** What there is of which resource, and who has claimed it. */
export const placement = defineApiService<PlacementSettings>({
  name: serviceName,
  title: 'Placement',
  after: ['keystone'],
  settings,
  perMachine: ['processes', 'threads'],
  apis: [api],
  config,
  // Eight seconds on idle hosts.
  gateSeconds: 180,
  makeSchema: `runuser -u ${systemUser} -- placement-manage db sync`,
  secrets: () => secrets,
  databases: () => [{ user, secret: secretNames.database, schemas: ['placement'] }],
  identities: () => [identity],
  resources: resourcesFor,
  validators: () => [
    pythonCompiles(threadLocksOf(serviceName)),
    optionsAreKnown({
      path: config,
      declaredIn: '/usr/share/placement-common/placement.conf',
      program: '/usr/bin/placement-manage',
    }),
  ],
});
