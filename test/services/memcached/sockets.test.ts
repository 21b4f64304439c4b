import { expect, test } from 'vitest';
import { instancesOf } from '../../../src/model/topology.ts';
import { memcached } from '../../../src/services/memcached/index.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { elevenHosts } from '../../support/topology.ts';

test('what has no login is reached from hosts of the APIs and of the dashboard alone', () => {
  const topology = wholeTopology(elevenHosts());
  const [instance] = instancesOf(topology, 'memcached');
  if (!instance) throw new Error('no instance');
  const settings = memcached.settings.parse({});
  const [socket] = memcached.sockets({ ...instance, settings }, topology);
  const reached = topology.hosts
    .filter(({ addresses }) => socket?.from.includes(addresses.internal))
    .map(({ name }) => name);
  expect(reached).toEqual(['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02']);
});
