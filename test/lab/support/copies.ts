import type { Release } from '../../../src/model/release.ts';
import { releaseOf } from './hosts.ts';
import type { LabOf } from './mcp.ts';

/** How the broker of a lab copies notifications: mirrors of a classic queue, or members of a quorum queue. */
export interface Copying {
  /** Where the queues of notifications are. */
  readonly vhost: string;
  /** How many members have a copy of such a queue besides the one that leads it. */
  readonly followers: number;
  /** What a client says who declares one: words of Erlang. */
  readonly asked: string;
  /** Columns of list_queues. */
  readonly leader: string;
  readonly copies: string;
}

const byRelease: Readonly<Record<Release, Copying>> = {
  bookworm: { vhost: 'openstack', followers: 1, asked: '[]', leader: 'pid', copies: 'slave_pids' },
  trixie: {
    vhost: 'openstack_notifications',
    followers: 2,
    asked: '[{<<"x-queue-type">>, longstr, <<"quorum">>}]',
    leader: 'leader',
    copies: 'members',
  },
};

export async function copyingOf(lab: LabOf, host: string): Promise<Copying> {
  return byRelease[await releaseOf(lab, host)];
}

interface Holders {
  readonly leader: string;
  readonly followers: readonly string[];
}

/** The hosts that have a queue in a virtual host, asked on one of them. */
export async function holdersOfQueue(
  lab: LabOf,
  host: string,
  { vhost, queue }: { readonly vhost: string; readonly queue: string },
): Promise<Holders> {
  const { leader, copies } = await copyingOf(lab, host);
  // As JSON, processes do not tell their nodes.
  const listed = await lab.on(
    host,
    `rabbitmqctl -q -p ${vhost} list_queues --no-table-headers name ${leader} ${copies}`,
  );
  const rows = listed.split('\n').map((line) => line.split('\t'));
  const found = rows.find(([name]) => name === queue);
  if (found === undefined) throw new Error(`no queue ${queue} in ${vhost}: ${listed}`);
  const [, leads, copied] = found;
  const [first = ''] = hostsIn(leads);
  return { leader: first, followers: hostsIn(copied).filter((each) => each !== first) };
}

/** Hosts of nodes and of processes on them, whichever of both a column says. */
const hostsIn = (column = ''): readonly string[] =>
  [...column.matchAll(/rabbit@([a-z0-9]+)/g)].map(([, host]) => host ?? '');
