import type { StatusSection } from '../../model/check.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { balancers } from './balancers.ts';
import { repliesOf } from './checks.ts';
import { vipsOf } from './listeners.ts';
import type { HaproxySettings } from './settings.ts';

/** Every listener with its servers, as each load balancer sees them. */
export function haproxyStatus(
  instances: readonly Instance<HaproxySettings>[],
  topology: Topology,
  observed: ObservedState,
): readonly StatusSection[] {
  const rows = balancers.flatMap((balancer) => {
    const views = [...repliesOf(balancer, instances, observed)];
    const vips = vipsOf(balancer, topology);
    return topology.listeners
      .filter(({ role }) => role === balancer.role && vips.length > 0)
      .flatMap((listener) =>
        listener.servers.map(({ host: server }) => {
          const states = views.map(([host, { servers }]) => ({
            host,
            status: servers.find((one) => one.listener === listener.name && one.server === server)?.status,
          }));
          const writers = new Set(views.map(([, view]) => view.writers.get(listener.name)));
          return [
            listener.name,
            vips.map(({ address }) => `${address}:${listener.port}`).join(' '),
            server,
            stateText(states),
            listener.kind === 'single-writer' && writers.has(server) ? 'writer' : '',
          ];
        }),
      );
  });
  return [{ title: 'Load balancers', columns: ['listener', 'address', 'server', 'state', 'role'], rows }];
}

function stateText(
  states: readonly { readonly host: string; readonly status: string | undefined }[],
): string {
  const known = [...new Set(states.map(({ status }) => status ?? 'not known'))];
  if (known.length === 0) return 'not known';
  if (known.length === 1) return `${known[0]} on all ${states.length}`;
  return states.map(({ host, status }) => `${status ?? 'not known'} on ${host}`).join(', ');
}
