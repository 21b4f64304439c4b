import { z } from 'zod';
import type { Role } from '../../src/model/inventory.ts';
import type { Front, Listener } from '../../src/model/listener.ts';
import type { Service } from '../../src/model/service.ts';

interface Wanted {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly port: number;
  readonly front?: Role;
  readonly listener?: { readonly role: Role; readonly port: number };
  readonly secret?: string;
}

/** A service that only says where it runs and what it opens. */
export const fakeService = ({ name, roles, port, front, listener, secret }: Wanted): Service => ({
  name,
  title: name,
  roles,
  after: [],
  settings: z.strictObject({
    port: z.int().min(1).max(65535).default(port).describe('Port.'),
    workers: z.int().min(1).default(2).describe('Workers.'),
  }),
  perMachine: ['workers'],
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  secrets: () => (secret === undefined ? [] : [{ name: secret, kind: 'password', length: 24 }]),
  sockets: ({ host, settings }) => [
    {
      host: host.name,
      service: name,
      address: host.addresses.internal,
      port: portIn(settings),
      protocol: 'tcp',
      purpose: 'clients',
      from: 'cloud',
    },
  ],
  fronts: () => (front === undefined ? [] : [frontOf(name, { role: front, alivePort: 20_000 + port })]),
  listeners: () => (listener === undefined ? [] : [listenerOf(name, listener)]),
  resources: () => [],
  checks: () => [],
});

/** One service a role, and a load balancer in front of each role that has a VIP. */
export const fakeServices: readonly Service[] = [
  fakeService({
    name: 'store',
    roles: ['database'],
    port: 3306,
    listener: { role: 'database', port: 3306 },
    secret: 'store.root',
  }),
  fakeService({ name: 'broker', roles: ['messaging'], port: 5672 }),
  fakeService({
    name: 'api',
    roles: ['control'],
    port: 5000,
    front: 'control',
    listener: { role: 'control', port: 5000 },
  }),
  fakeService({ name: 'balancer', roles: ['database'], port: 1024, front: 'database' }),
  fakeService({
    name: 'page',
    roles: ['proxy'],
    port: 8080,
    front: 'proxy',
    listener: { role: 'proxy', port: 443 },
  }),
];

const portIn = (settings: unknown): number => z.object({ port: z.number() }).parse(settings).port;

const frontOf = (
  service: string,
  { role, alivePort }: { readonly role: Role; readonly alivePort: number },
): Front => ({
  role,
  service,
  unit: `${service}.service`,
  trackFile: `/run/mcp/front-${service}`,
  aliveUrl: `http://127.0.0.1:${alivePort}/`,
  adminSocket: undefined,
  connectsForEachRequest: undefined,
});

const listenerOf = (service: string, { role, port }: { role: Role; port: number }): Listener => ({
  name: service,
  service,
  role,
  port,
  kind: 'http',
  servers: [],
  check: { kind: 'direct', port, path: '/', expect: 200 },
  reach: 'cloud',
  from: 'anyone',
  statics: [],
});
