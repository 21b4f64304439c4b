import { pageName, servedHere, servedHereProbe } from '../../health/index.ts';
import type { Finding } from '../../model/check.ts';
import type { Listener } from '../../model/listener.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { type Balancer, configOf } from './balancers.ts';
import { vipsOf } from './listeners.ts';
import type { BalancerReply } from './replies.ts';

const probeName = ({ name }: Balancer): string => `haproxy.serves-${name}`;

/** Has a load balancer asked on its own host what clients would ask of it through the VIP. */
export const servesProbe = (balancer: Balancer, topology: Topology): readonly Probe[] =>
  servedHereProbe(probeName(balancer), configOf(balancer), {
    listeners: pageListeners(balancer, topology),
    vips: vipsOf(balancer, topology),
  });

const pageListeners = ({ role }: Balancer, { listeners }: Topology): readonly Listener[] =>
  listeners.filter((listener) => listener.role === role && listener.kind === 'http');

/**
 * A listener that has servers, and does not pass on what they say: a change that HAProxy's own checker takes and that
 * serves nobody. Where no server is up, that is told of the service; where it is the same on every host, it may be what the
 * servers say, since the last of them always stays.
 */
export function judgeServing(
  balancer: Balancer,
  replies: ReadonlyMap<string, BalancerReply>,
  { topology, observed }: { readonly topology: Topology; readonly observed: ObservedState },
): readonly Finding[] {
  return pageListeners(balancer, topology).flatMap((listener) =>
    vipsOf(balancer, topology).flatMap((vip) => {
      const wrong = [...replies].flatMap(([host, reply]) => {
        const said = servedHere(probeName(balancer), host, observed);
        const status = said?.get(pageName(listener, vip));
        const isAsked = said !== undefined && reply.listeners.get(listener.name) === true;
        return isAsked && status !== listener.check.expect ? [{ host, status }] : [];
      });
      const [first] = wrong;
      if (first === undefined) return [];
      const hosts = wrong.map(({ host }) => host);
      return [
        {
          severity: 'red',
          hosts,
          message: `${balancer.name} has servers for ${listener.name} and answers ${first.status ?? 'nothing'} on ${hosts.join(', ')}`,
          hint: `Look at /etc/haproxy/${balancer.name}.cfg there, and at overrides of it.`,
          ...(wrong.length === replies.size ? { service: listener.service } : {}),
        } satisfies Finding,
      ];
    }),
  );
}
