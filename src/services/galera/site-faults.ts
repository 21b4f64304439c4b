import type { Act, Endpoint, Fault, Strike } from '../../model/fault.ts';
import type { Host } from '../../model/host.ts';
import type { Role } from '../../model/inventory.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { withHeldUnits } from '../../resources/index.ts';
import beginAgainText from './begin-again.sh';
import { agentPort, clientAddress, dataDirectory, unit } from './layout.ts';
import stopInOrderText from './stop-in-order.sh';

/**
 * What befalls all members at once, or one after the other: the first they come back from by themselves, after the second
 * somebody has to say who begins. Clients are without a database for as long as it lasts.
 */
export function siteFaults(instances: readonly Instance[], { hosts }: Topology): readonly Fault[] {
  if (instances.length < 3) return [];
  const members = instances.map(({ host }) => host);
  const database = members.map(({ name }) => name);
  const all = hosts.map(({ name }) => name);
  return [
    {
      ...outFor(60, ['sql']),
      // Nothing else is stopped; servers that start all at once take the processors from the rest of their hosts.
      budgets: { ...outFor(60, ['sql']).budgets, vip: 1000, page: 5000, amqp: 3000 },
      name: 'galera-all-stopped',
      title: 'all database servers are stopped one after the other',
      kind: 'script',
      strike: () => inTurn(database, (host) => stopped(beginAgainOn(host, members))),
      secondBudgetMilliseconds: 5000,
    },
    {
      ...outFor(30, endpointsOf(members, hosts)),
      name: 'database-hosts-power-cut',
      title: 'power cut of all hosts of the database',
      kind: 'power-cut',
      strike: () => allAtOnce(database),
    },
    {
      ...outFor(30, endpoints),
      name: 'everything-power-cut',
      title: 'power cut of all hosts',
      kind: 'power-cut',
      strike: () => allAtOnce(all),
    },
    {
      // A host goes down in 10 to 40 s on two cores, with every role of control on it.
      ...outFor(300, endpoints),
      name: 'everything-shut-down',
      title: 'all hosts are shut down one after the other',
      kind: 'shutdown',
      strike: () => inTurn(all, (host) => ({ kind: 'shutdown', heal: beginAgainOn(host, members) })),
    },
  ];
}

const endpoints: readonly Endpoint[] = ['vip', 'page', 'sql', 'amqp'];

/**
 * All five hosts of the lab are back 75 to 110 s after their power, on two cores; 180 s are allowed, as for any fault
 * until all is healthy again. On their way up endpoints come and go: the load balancers are there before what is behind
 * them has caught up.
 */
function outFor(lastsSeconds: number, out: readonly Endpoint[]) {
  const milliseconds = (lastsSeconds + bootSeconds) * 1000;
  return {
    onlyByName: true,
    lastsSeconds,
    healthyWithinSeconds: 300,
    budgets: Object.fromEntries(out.map((endpoint) => [endpoint, milliseconds])),
    secondBudgetMilliseconds: 60_000,
  } as const;
}

const bootSeconds = 180;

/** The VIP of the database and its SQL; and of the rest what no other host could serve. */
function endpointsOf(struck: readonly Host[], hosts: readonly Host[]): readonly Endpoint[] {
  const isOut = (role: Role) =>
    hosts
      .filter(({ roles }) => roles.includes(role))
      .every(({ name }) => struck.some((each) => each.name === name));
  return [
    'vip',
    'sql',
    // Its API is behind it, on the control hosts, as is the database behind that.
    'page',
    ...(isOut('messaging') ? (['amqp'] as const) : []),
  ];
}

const allAtOnce = (hosts: readonly string[]): Strike => ({
  falls: 'at-once',
  blows: hosts.map((host) => ({ host, act: { kind: 'power-cut' } })),
});

const inTurn = (hosts: readonly string[], actOn: (host: string) => Act): Strike => ({
  falls: 'in-turn',
  blows: hosts.map((host) => ({ host, act: actOn(host) })),
});

const stopped = (heal: string): Act => ({
  kind: 'script',
  break: programWith(stopInOrderText, { values: { unit } }),
  // It hands over what it still has, and writes its pages.
  breakWithinSeconds: 60,
  heal,
});

/** Nothing on a host that has no member. */
const beginAgainOn = (host: string, members: readonly Host[]): string =>
  members.some(({ name }) => name === host)
    ? programWith(withHeldUnits(beginAgainText), {
        values: { data: dataDirectory, unit, agent_port: agentPort },
        words: members.filter(({ name }) => name !== host).map(clientAddress),
      })
    : ':\n';
