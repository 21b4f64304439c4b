import type { ObservedState } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import {
  type Balancers,
  balancersOn,
  holdConnections,
  putBack,
  releaseConnections,
  takeOut,
} from './balancer-steps.ts';
import { databaseVip } from './layout.ts';
import { memberOn } from './member.ts';
import {
  awaitApplied,
  awaitLongTransactions,
  awaitNewWriter,
  awaitUsable,
  endSessions,
} from './member-steps.ts';
import type { GaleraSettings } from './settings.ts';
import { successorOf, vipHolder, writerOf } from './writer.ts';

/** Takes a member out before it is acted on; the writer hands its work over first, without a failed write. */
export function leaveSteps(
  { host, members }: Instance<GaleraSettings>,
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  const balancers = presentBalancers(
    members.map(({ name }) => name),
    topology,
    observed,
  );
  if (writerOf(topology, observed) !== host.name) return takeOut(balancers, host.name);
  const successor = successorOf(topology, observed, host.name);
  if (successor === undefined) return [refusal(host.name)];
  if (!memberOn(observed, host.name)?.answers) return takeOut(balancers, host.name);
  return handOver({ from: host.name, to: successor, balancers, vip: databaseVip(topology)?.address ?? '' });
}

interface HandOver {
  readonly from: string;
  readonly to: string;
  readonly balancers: Balancers;
  readonly vip: string;
}

const handOver = ({ from, to, balancers, vip }: HandOver): readonly ScriptStep[] => [
  awaitLongTransactions(from),
  ...holdConnections(balancers),
  endSessions(from),
  awaitApplied(to),
  ...takeOut(balancers, from),
  ...releaseConnections(balancers),
  awaitNewWriter(to, vip, from),
];

/** Brings a member back once it has everything. Respects an operator's maintenance mark. */
export function joinSteps(
  { host, members }: Instance<GaleraSettings>,
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  const balancers = presentBalancers(
    members.map(({ name }) => name),
    topology,
    observed,
  );
  const marked = memberOn(observed, host.name)?.maintenance === true;
  return [
    awaitUsable(host),
    ...releaseConnections(balancers),
    ...(marked ? [] : putBack(balancers, host.name)),
  ];
}

/** Members that an interrupted run left taken out, though nothing is wrong with them, come back. */
export function settleSteps(
  instances: readonly Instance<GaleraSettings>[],
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  return instances
    .filter(({ host, members }) =>
      members.some(({ name }) =>
        memberOn(observed, name)?.balancer?.servers.some(
          (server) => server.name === host.name && server.state === 'out',
        ),
      ),
    )
    .filter(({ host }) => memberOn(observed, host.name)?.maintenance === false)
    .flatMap((instance) => joinSteps(instance, topology, observed));
}

/** Those that run, the one that carries the traffic last: it never sends to a member that another still holds out. */
function presentBalancers(hosts: readonly string[], topology: Topology, observed: ObservedState): Balancers {
  const holder = vipHolder(topology, observed);
  const present = hosts.filter((host) => memberOn(observed, host)?.balancer !== undefined);
  return balancersOn(
    topology,
    present.toSorted((left, right) => Number(left === holder) - Number(right === holder)),
  );
}

const refusal = (host: string): ScriptStep => ({
  host,
  title: 'find another member for the writes',
  script: 'echo "HAProxy knows no other Galera member that could take the writes" >&2; exit 1',
  timeoutSeconds: 5,
});
