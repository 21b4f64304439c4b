import type { Host } from '../../model/host.ts';
import type { Listener, ListenerCheck } from '../../model/listener.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import type { PythonProgram } from '../../resources/index.ts';
import type { CheckerSettings } from './settings.ts';

export const serviceName = 'api-checker';
export const unit = 'mcp-api-checker.service';
export const socketUnit = 'mcp-api-checker.socket';

export type CheckerInstance = Instance<CheckerSettings>;

export const program: PythonProgram = {
  path: '/usr/lib/mcp/api-checker',
  template: 'api-checker/api-checker',
  modules: [
    'configuration',
    'database',
    'decision',
    'entrance',
    'failures',
    'finding',
    'looking',
    'maintenance',
    'pages',
    'peers',
    'processes',
    'questions',
    'server',
    'turns',
    'warm_up',
    'watched',
  ],
};

export const files = {
  config: '/etc/mcp/api-checker.json',
  service: `/etc/systemd/system/${unit}`,
  socket: `/etc/systemd/system/${socketUnit}`,
} as const;

/** It stands beside the APIs, on their address. */
export const checkerAddress = (host: Host): string => host.addresses.internal;

export interface DeepListener {
  readonly name: string;
  readonly check: Extract<ListenerCheck, { kind: 'deep' }>;
  readonly server: Listener['servers'][number];
}

/** The APIs on a host that are to be looked at deeply. */
export const deepListenersOn = (host: Host, { listeners }: Pick<Topology, 'listeners'>) =>
  listeners.flatMap(({ name, check, servers }): readonly DeepListener[] => {
    const server = servers.find((each) => each.host === host.name);
    return check.kind === 'deep' && server ? [{ name, check, server }] : [];
  });
