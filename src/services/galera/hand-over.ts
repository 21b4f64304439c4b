import type { ObservedState } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import {
  type Balancers,
  balancersOn,
  holdConnections,
  putBack,
  switchOver,
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
  const holder = vipHolder(topology, observed);
  const vip = databaseVip(topology)?.address;
  if (!memberOn(observed, host.name)?.answers || holder === undefined || vip === undefined) {
    return takeOut(balancers, host.name);
  }
  return handOver({ from: host.name, to: successor, balancers, holder, vip });
}

interface HandOver {
  readonly from: string;
  readonly to: string;
  readonly balancers: Balancers;
  /** The host with the VIP: its HAProxy carries all sessions. */
  readonly holder: string;
  readonly vip: string;
}

// Clients wait from the hold to the switch, and send again after 1 s what was dropped: nothing in between takes long.
const handOver = ({ from, to, balancers, holder, vip }: HandOver): readonly ScriptStep[] => {
  const only = (wanted: (host: string) => boolean): Balancers => ({
    ...balancers,
    hosts: balancers.hosts.filter(wanted),
  });
  return [
    awaitLongTransactions(from),
    awaitApplied(to),
    ...takeOut(
      only((host) => host !== holder),
      from,
    ),
    holdConnections(holder, vip),
    endSessions(from),
    awaitApplied(to),
    ...switchOver(
      only((host) => host === holder),
      from,
    ),
    awaitNewWriter(to, vip, from),
  ];
};

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
  return [awaitUsable(host), ...(marked ? [] : putBack(balancers, host.name))];
}

function presentBalancers(hosts: readonly string[], topology: Topology, observed: ObservedState): Balancers {
  return balancersOn(
    topology,
    hosts.filter((host) => memberOn(observed, host)?.balancer !== undefined),
  );
}

const refusal = (host: string): ScriptStep => ({
  host,
  title: 'find another member for the writes',
  script: 'echo "HAProxy knows no other Galera member that could take the writes" >&2; exit 1',
  timeoutSeconds: 5,
});
