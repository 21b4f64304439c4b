import type { StatusSection } from '../../model/check.ts';
import type { Listener, Socket } from '../../model/listener.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Validator } from '../../model/probe.ts';
import { defineService } from '../../model/service.ts';
import type { ResolvedVip } from '../../model/topology.ts';
import { pythonCompiles } from '../../resources/index.ts';
import { checksFor } from './checks.ts';
import {
  databaseSecret,
  databaseUser,
  files,
  type HorizonInstance,
  ownAddress,
  passwordPaths,
  role,
  secretKey,
  serviceName,
  settingsFile,
  signInPath,
  unit,
} from './names.ts';
import { pagePolicy } from './page-policy.ts';
import { pageProbe } from './probe.ts';
import { pageReply } from './replies.ts';
import { resourcesFor } from './resources.ts';
import { markScript, unmarkScript } from './rest.ts';
import { settings } from './settings.ts';

/** The dashboard. Its unit drains itself: it turns new connections away, so that Nginx asks the other one. */
export const horizon = defineService({
  name: serviceName,
  title: 'Horizon',
  roles: [role],
  after: ['galera', 'memcached', 'haproxy', 'keepalived', 'keystone', 'nginx'],
  settings,
  perMachine: ['processes', 'threads'],
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  secrets: () => [
    { name: secretKey, kind: 'hex-key', length: 64 },
    { name: databaseSecret, kind: 'password', length: 32 },
  ],
  databases: () => [{ user: databaseUser, secret: databaseSecret, schemas: ['horizon'] }],
  sockets: socketsOf,
  listeners: (instances, { vips }) => listenersFor(instances, vips),
  rest: { mark: markScript, unmark: unmarkScript },
  resources: resourcesFor,
  validators: ({ host }) => [settingsValidator(settingsFile(host)), pythonCompiles(files.application)],
  probes: (instance) => [pageProbe(instance)],
  checks: checksFor,
  status: (instances, _topology, observed) => statusOf(instances, observed),
  capacity: ({ members }) => `horizon ${members.length - 1} of ${members.length}`,
});

function socketsOf({ host, settings: { port }, members }: HorizonInstance): readonly Socket[] {
  return [
    {
      host: host.name,
      service: serviceName,
      address: ownAddress(host),
      port,
      protocol: 'tcp',
      purpose: 'dashboard, for the proxies',
      from: members.map(ownAddress),
    },
  ];
}

function listenersFor(
  instances: readonly HorizonInstance[],
  vips: readonly ResolvedVip[],
): readonly Listener[] {
  const [first] = instances;
  if (!first) return [];
  const tls = vips.filter((vip) => vip.role === role).every((vip) => vip.tls);
  return [
    {
      name: 'horizon',
      service: serviceName,
      role,
      port: tls ? 443 : 80,
      kind: 'http',
      servers: instances.map(({ host, settings: { port } }) => ({
        host: host.name,
        address: ownAddress(host),
        port,
      })),
      check: { kind: 'direct', port: first.settings.port, path: signInPath, expect: 200 },
      reach: 'world',
      from: 'anyone',
      signIn: passwordPaths,
      pagePolicy: pagePolicy(first.settings),
      statics: [{ prefix: '/static', directory: first.host.platform.horizon.staticDirectory }],
    },
  ];
}

/** Django runs the file and only logs what it does not understand, so a mistake is caught before it is there. */
const settingsValidator = (path: string): Validator => ({
  name: `python3 ${path}`,
  program: '/usr/bin/python3',
  files: [path],
  script: `said=$(python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[2], "exec")' "$TREE${path}" ${path} 2>&1) && exit 0
printf '%s\\n' "$said" | tail -n 4 >&2
exit 1
`,
});

function statusOf(instances: readonly HorizonInstance[], observed: ObservedState): readonly StatusSection[] {
  return [
    {
      title: 'Horizon',
      columns: ['host', 'state', 'sign-in page', 'time'],
      rows: instances.map(({ host }) => {
        const state = reachable(observed, host.name)?.units.get(unit)?.activeState ?? 'unknown';
        const reply = pageReply(observed, host.name);
        if (reply.kind !== 'answer') return [host.name, state, reply.kind, '-'];
        return [host.name, state, String(reply.status ?? 'none'), `${reply.milliseconds} ms`];
      }),
    },
  ];
}
