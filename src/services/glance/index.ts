import { type Diagnostic, error } from '../../model/diagnostic.ts';
import { optionsAreKnown } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import {
  api,
  config,
  type GlanceInstance,
  identity,
  secretNames,
  secrets,
  serviceName,
  staging,
  systemUser,
  user,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { type GlanceSettings, settings } from './settings.ts';

/**
 * With the schema come the definitions that Debian ships in /etc/glance/metadefs: what may be said of images, flavors and
 * volumes, which Horizon and clients offer by name (Kolla-Ansible loads them as well). What is there stays as it is, and
 * `--merge` adds what a load that was cut off left out.
 */
const makeSchemaAndDefinitions = `glance() { runuser -u ${systemUser} -- glance-manage "$@"; }
glance db_sync
glance db load_metadefs --merge`;

/** The images that servers start from. */
export const glance = defineApiService<GlanceSettings>({
  name: serviceName,
  title: 'Glance',
  after: ['keystone'],
  settings,
  perMachine: ['workers'],
  apis: [api],
  config,
  // Eight seconds on idle hosts.
  gateSeconds: 180,
  makeSchema: makeSchemaAndDefinitions,
  secrets: () => secrets,
  databases: () => [{ user, secret: secretNames.database, schemas: ['glance'] }],
  identities: () => [identity],
  resources: resourcesFor,
  validators: () => [
    optionsAreKnown({
      path: config,
      declaredIn: '/usr/share/glance-common/glance-api.conf',
      program: '/usr/bin/glance-manage',
    }),
  ],
  mistakes: (instances) => [...storeOfOneHost(instances), ...storeWhereImportsAre(instances)],
  rooms: ({ settings: { store } }) => [
    { path: store.path, mebibytes: 2048, reason: 'an image of a server, which is a gibibyte or two' },
    { path: staging, mebibytes: 2048, reason: 'such an image while it is imported' },
  ],
});

/** An image that lies on one of three hosts is not found two times of three (seen: 1 of 3 downloads failed). */
function storeOfOneHost(instances: readonly GlanceInstance[]): readonly Diagnostic[] {
  const alone = instances.filter(({ settings: { store } }) => !store.shared);
  if (instances.length < 2 || alone.length === 0) return [];
  const [first] = alone;
  return [
    error(
      ['store', 'shared'],
      `each control host would keep its own images in ${first?.settings.store.path}, and find only those`,
      'mount one file system there on all control hosts (NFS, CephFS) and say `glance: { store: { shared: true } }`',
    ),
  ];
}

/** Glance removes an image from the staging folder once it is imported, and as it starts what no image owns there. */
function storeWhereImportsAre(instances: readonly GlanceInstance[]): readonly Diagnostic[] {
  const [first] = instances;
  const written = `${first?.settings.store.path ?? ''}/`.replace(/\/{2,}/g, '/');
  // A URL's path has no dots left in it.
  const { pathname: path } = new URL(`file://${written}`);
  if (!path.startsWith(`${staging}/`)) return [];
  return [
    error(
      ['store', 'path'],
      `Glance removes what it has imported from ${staging}, and so the images themselves if they are kept there`,
      'name a folder beside it, /var/lib/glance/images say',
    ),
  ];
}
