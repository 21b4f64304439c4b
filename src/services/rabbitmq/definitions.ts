import { createHash } from 'node:crypto';
import type { Platform } from '../../model/platform.ts';
import { loginName, otherLoginName, type Secret, type Secrets, secretOf } from '../../model/secret.ts';
import type { Topology } from '../../model/topology.ts';
import { drillUser, monitorUser, openstackUser, secretNames } from './names.ts';
import { policiesFor } from './policies.ts';
import { drillVhost, type RabbitmqSettings } from './settings.ts';
import { cloudVhosts, type VirtualHost, vhostsFor } from './vhosts.ts';

interface User {
  readonly name: string;
  readonly secret: string;
  readonly tags: readonly string[];
  readonly vhosts: readonly string[];
  /** Regular expression of what it may configure, write and read. */
  readonly may: string;
}

/** Users, virtual hosts, permissions and policies as RabbitMQ imports them; every value is JSON already. */
export function definitionsFor(
  settings: RabbitmqSettings,
  platform: Platform,
  { cloud, secrets }: Pick<Topology, 'cloud' | 'secrets'>,
): object {
  const users = usersFor(settings, platform).map((user) => ({
    ...user,
    name: loginName(user.name, secretOf(secrets, user.secret)),
  }));
  return {
    vhosts: vhostsFor(settings, platform).map((vhost) => jsonOf(describedVhost(vhost))),
    users: users.map(({ name, secret, tags }) =>
      jsonOf({
        name,
        password_hash: passwordHash(secretOf(secrets, secret), `${cloud}/${name}`),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags,
      }),
    ),
    permissions: users.flatMap(({ name: user, vhosts, may }) =>
      vhosts.map((vhost) => jsonOf({ user, vhost, configure: may, write: may, read: may })),
    ),
    policies: policiesFor(settings, platform).map(jsonOf),
  };
}

/** Names of users that had their turn: nobody logs in with them once every host has what is described here. */
export const formerUsers = (
  settings: RabbitmqSettings,
  platform: Platform,
  secrets: Secrets,
): readonly string[] =>
  usersFor(settings, platform).map(({ name, secret }) => otherLoginName(name, secretOf(secrets, secret)));

function usersFor(settings: RabbitmqSettings, platform: Platform): readonly User[] {
  const ofCloud = cloudVhosts(settings, platform).map(({ name }) => name);
  return [
    { name: openstackUser, secret: secretNames.openstack, tags: [], vhosts: ofCloud, may: '.*' },
    // May look at everything through the management API and touch nothing.
    {
      name: monitorUser,
      secret: secretNames.monitor,
      tags: ['monitoring'],
      vhosts: [...ofCloud, drillVhost],
      may: '^$',
    },
    { name: drillUser, secret: secretNames.drill, tags: [], vhosts: [drillVhost], may: '.*' },
  ];
}

/** RabbitMQ 4 takes the type from the metadata alone: beside the name it is passed over without a word. */
const describedVhost = ({ name, queuesAre }: VirtualHost): object =>
  queuesAre === 'quorum' ? { name, metadata: { default_queue_type: 'quorum' } } : { name };

/**
 * RabbitMQ's salted SHA-256. The salt comes from the user's name and cloud, so that the same password always gives
 * the same file, and two clouds with one password do not give the same hash.
 */
export function passwordHash(password: Secret, saltFrom: string): string {
  const salt = createHash('sha256').update(saltFrom).digest().subarray(0, 4);
  const hash = createHash('sha256').update(salt).update(password.reveal(), 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}

const jsonOf = (value: object): string => JSON.stringify(value);
