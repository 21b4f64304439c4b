import { type ObservedState, reachable } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import { type Instance, instancesOf, type Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';

/**
 * What takes an instance's servers out of every load balancer, and waits until nothing of theirs is in flight: a
 * restart without it costs clients their requests (measured on Debian's Keystone: 4 of some hundred were 502).
 */
export function drainSteps(
  instance: Instance,
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  const names = serversOf(instance, topology);
  return balancersOf(topology, observed).map(({ host, socket, unit }) => ({
    host,
    title: `send nothing more to ${names.join(' and ')}`,
    script: `${functions(socket)}
${names.map((name) => `state ${quote(name)} drain`).join('\n')}
${keepState(unit)}
for try in $(seq 150); do
  busy=0
${names.map((name) => `  busy=$((busy + $(in_flight ${quote(name)})))`).join('\n')}
  [ "$busy" = 0 ] && exit 0
  sleep 0.2
done
echo "$busy requests to ${names.join(' and ')} were still in flight after 30 s; they are cut off" >&2
exit 0
`,
    timeoutSeconds: 60,
  }));
}

/** What brings the servers back. The load balancers ask them before they send anything. */
export function returnSteps(
  instance: Instance,
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  const names = serversOf(instance, topology);
  return balancersOf(topology, observed).map(({ host, socket, unit }) => ({
    host,
    title: `send to ${names.join(' and ')} again`,
    script: `${functions(socket)}
${names.map((name) => `state ${quote(name)} ready`).join('\n')}
${keepState(unit)}
`,
    timeoutSeconds: 20,
  }));
}

/** `keystone/ctl01`: as HAProxy calls the servers of an instance. */
const serversOf = ({ service, host }: Instance, { listeners }: Topology): readonly string[] =>
  listeners
    .filter((listener) => listener.service === service && listener.role === 'control')
    .filter(({ servers }) => servers.some((server) => server.host === host.name))
    .map(({ name }) => `${name}/${host.name}`);

interface Balancer {
  readonly host: string;
  readonly socket: string;
  readonly unit: string;
}

/** The load balancers of the APIs that run now; one that does not has nothing in flight and asks before it sends. */
const balancersOf = (topology: Topology, observed: ObservedState): readonly Balancer[] =>
  topology.fronts
    .filter(({ role }) => role === 'control')
    .flatMap(({ service, unit, adminSocket: socket }) =>
      instancesOf(topology, service)
        .map(({ host }) => host.name)
        .filter((host) => reachable(observed, host)?.units.get(unit)?.activeState === 'active')
        .flatMap((host) =>
          socket === undefined ? [] : [{ host, socket, unit: unit.replace(/\.service$/, '') }],
        ),
    );

const functions = (socket: string): string => `set -eu
ask() { echo "$1" | socat -t 2 - UNIX-CONNECT:${quote(socket)}; }
# A server that this load balancer does not know yet has nothing to be told.
state() {
  said=$(ask "set server $1 state $2")
  case $said in '' | *'No such'*) ;; *) echo "$said" >&2; exit 1 ;; esac
}
in_flight() { ask 'show stat' | awk -F, -v server="$1" '$1 "/" $2 == server { n += $5 } END { print n + 0 }'; }`;

const keepState = (unit: string): string => `/usr/lib/mcp/haproxy-keep-state ${quote(unit)}`;
