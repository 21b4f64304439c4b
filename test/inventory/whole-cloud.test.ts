import { expect, test } from 'vitest';
import { complaintsAbout, fiveHosts, hintsAbout, onOneMachine } from './five-hosts.ts';

test('the inventory that the others are made of is valid', async () => {
  expect(await complaintsAbout(fiveHosts)).toEqual([]);
});

const agreedOn = [
  ['api-checker', 'port', '9191'],
  ['haproxy', 'maxConnections', '3000'],
  ['haproxy', 'peersPort', '10001'],
  ['haproxy', 'apiAlivePort', '8409'],
  ['nginx', 'alivePort', '8409'],
  ['rabbitmq', 'vhost', 'other'],
  ['keystone', 'port', '5001'],
  ['keystone', 'tokenMinutes', '30'],
  ['glance', 'store', '{ path: /srv/images }'],
  ['galera', 'maxConnections', '4200'],
  ['neutron', 'vxlanRange', '"1:100"'],
] as const;

test.each(agreedOn)('%s.%s is refused on one machine', async (service, key, value) => {
  const text = onOneMachine(`${service}: { ${key}: ${value} }`);
  expect(await complaintsAbout(text)).toEqual([
    `error machines.ctl01.services.${service}.${key}: holds for the whole cloud and not for one machine`,
  ]);
  expect((await hintsAbout(text))[0]).toContain(
    `say it once, as \`services: { ${service}: { ${key}: … } }\``,
  );
});

test('what follows from the size of a machine may be said of it alone', async () => {
  const sizes =
    'galera: { bufferPoolSize: 8G }, rabbitmq: { memoryWatermark: 0.2 }, keystone: { processes: 8, threads: 2 }';
  expect(await complaintsAbout(onOneMachine(sizes))).toEqual([]);
});

test('a misspelled setting of one machine is told with what was meant, whether or not it may be said there', async () => {
  expect(
    await complaintsAbout(onOneMachine('keystone: { prot: 5001, proceses: 2 }, galera: { frobnicate: 1 }')),
  ).toEqual([
    'error machines.ctl01.services.keystone.prot: unknown key; did you mean port? It holds for the whole cloud and not for one machine',
    'error machines.ctl01.services.keystone.proceses: unknown key; did you mean processes?',
    'error machines.ctl01.services.galera.frobnicate: unknown key',
  ]);
});
