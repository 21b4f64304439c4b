import { pageName, servedHere, servedHereProbe } from '../../health/index.ts';
import type { Finding } from '../../model/check.ts';
import type { Listener } from '../../model/listener.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import {
  configFileName,
  type NginxInstance,
  proxyListeners,
  proxyVips,
  publishedListeners,
} from './names.ts';

const probeName = 'nginx.serves';

/** Has a proxy asked on its own host what clients would ask of it through the VIP. */
export const servesProbe = (topology: Topology): readonly Probe[] =>
  servedHereProbe(probeName, configFileName, {
    listeners: listenersOf(topology),
    vips: proxyVips(topology),
  });

const listenersOf = (topology: Topology): readonly Listener[] => [
  ...proxyListeners(topology),
  ...publishedListeners(topology),
];

/**
 * Proxies that do not give their clients what one of them does: a change that Nginx's own checker takes and that serves
 * nobody. Where none does, that is told of the VIP.
 */
export const judgeServing = (
  instances: readonly NginxInstance[],
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] =>
  listenersOf(topology).flatMap((listener) =>
    proxyVips(topology).flatMap((vip) => {
      const pages = instances.flatMap(({ host }) => {
        const said = servedHere(probeName, host.name, observed);
        return said === undefined ? [] : [{ host: host.name, status: said.get(pageName(listener, vip)) }];
      });
      const wrong = pages.filter(({ status }) => status !== listener.check.expect);
      const [first] = wrong;
      if (first === undefined || wrong.length === pages.length) return [];
      const hosts = wrong.map(({ host }) => host);
      return [
        {
          severity: 'red',
          hosts,
          message: `Nginx answers ${first.status ?? 'nothing'} for ${listener.name} on ${hosts.join(', ')}, where clients would come to it`,
          hint: `Look at ${configFileName} there, and at overrides of it.`,
        } satisfies Finding,
      ];
    }),
  );
