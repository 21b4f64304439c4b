import type { ObservedState } from '../../model/observed.ts';
import { type Instance, instancesOf, type Topology } from '../../model/topology.ts';
import { balancers } from './balancers.ts';
import { repliesOf } from './checks.ts';
import type { HaproxySettings } from './settings.ts';

/** What load balancers anywhere would send to the host of this one: "gets requests for keystone from ctl02". */
export function carriedBy(
  { service, host, settings }: Instance<HaproxySettings>,
  topology: Topology,
  observed: ObservedState,
): readonly string[] {
  const everywhere = instancesOf(topology, service).map((instance) => ({ ...instance, settings }));
  const sent = balancers.flatMap((balancer) =>
    [...repliesOf(balancer, everywhere, observed)].flatMap(([from, { servers }]) =>
      servers
        .filter(({ server, status }) => server === host.name && /^(UP|no check)/.test(status))
        .map(({ listener }) => ({ from, listener })),
    ),
  );
  return [...new Set(sent.map(({ from }) => from))].map((from) => {
    const listeners = sent.filter((each) => each.from === from).map(({ listener }) => listener);
    return `gets requests for ${listeners.join(', ')} from ${from}`;
  });
}
