import { type Fault, strikeOn } from '../../model/fault.ts';
import type { Topology } from '../../model/topology.ts';
import { unit } from './layout.ts';
import { writerOf } from './writer.ts';

const budgets = { budgets: { sql: 4000 }, secondBudgetMilliseconds: 1500 };

/** What the drill does to the member that takes the writes. */
export function galeraFaults(topology: Topology): readonly Fault[] {
  return [
    {
      ...budgets,
      name: 'galera-writer-killed',
      title: 'the database server of the writer is killed',
      kind: 'script',
      strike: (observed) =>
        strikeOn(writerOf(topology, observed), { kind: 'script', break: killServer, heal: startServer }),
      lastsSeconds: 20,
    },
    {
      ...budgets,
      name: 'galera-writer-frozen',
      title: 'the database server of the writer is frozen',
      kind: 'script',
      strike: (observed) =>
        strikeOn(writerOf(topology, observed), { kind: 'script', break: freezeServer, heal: thawServer }),
      lastsSeconds: 15,
    },
  ];
}

const killServer = `set -eu
pid=$(systemctl show -p MainPID --value ${unit})
if [ "$pid" = 0 ]; then
  echo "${unit} does not run" >&2
  exit 1
fi
kill -KILL "$pid"
`;

// systemd starts it by itself; this is for a host where that failed.
const startServer = `systemctl reset-failed ${unit} 2>/dev/null
if ! systemctl is-active --quiet ${unit}; then systemctl start --no-block ${unit}; fi
`;

const freezeServer = `set -eu
pid=$(systemctl show -p MainPID --value ${unit})
if [ "$pid" = 0 ]; then
  echo "${unit} does not run" >&2
  exit 1
fi
systemctl kill --kill-whom=all --signal=STOP ${unit} || true
kill -STOP "$pid"
`;

const thawServer = `systemctl kill --kill-whom=all --signal=CONT ${unit} 2>/dev/null
pid=$(systemctl show -p MainPID --value ${unit})
if [ "$pid" != 0 ]; then kill -CONT "$pid"; fi
${startServer}`;
