import { type Act, type Fault, strikeOn } from '../../model/fault.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { copyFaults } from './copy-faults.ts';
import fillDiskText from './fill-disk.sh';
import freeDiskText from './free-disk.sh';
import { dataDirectory, unit } from './layout.ts';
import { siteFaults } from './site-faults.ts';
import { startServer } from './start-server.ts';
import { writerOf } from './writer.ts';

/** What the drill does to the database: to the member that takes the writes, to one that copies, to all of them. */
export const galeraFaults = (instances: readonly Instance[], topology: Topology): readonly Fault[] => [
  ...writerFaults(topology),
  ...copyFaults(instances, topology),
  ...siteFaults(instances, topology),
];

const writerFaults = (topology: Topology): readonly Fault[] => {
  const onWriter = (act: Act): Pick<Fault, 'kind' | 'strike'> => ({
    kind: act.kind,
    strike: (observed) => strikeOn(writerOf(topology, observed), act),
  });
  return [
    {
      ...budgets,
      ...onWriter({ kind: 'script', break: killServer, heal: startServer }),
      name: 'galera-writer-killed',
      title: 'the database server of the writer is killed',
      lastsSeconds: 20,
    },
    {
      ...budgets,
      ...onWriter({ kind: 'script', break: freezeServer, heal: thawServer }),
      name: 'galera-writer-frozen',
      title: 'the database server of the writer is frozen',
      lastsSeconds: 15,
    },
    {
      ...budgets,
      ...onWriter(fullDisk),
      name: 'galera-writer-disk-full',
      title: 'the disk of the writer is full, where its data has a file system of its own',
      // Elsewhere it is refused, and a refusal ends a drill of all faults.
      onlyByName: true,
      lastsSeconds: 30,
      // The agent looks each second and HAProxy asks it as often; sessions that wait for room are ended then.
      budgets: { sql: 5000 },
    },
  ];
};

const budgets = { budgets: { sql: 4000 }, secondBudgetMilliseconds: 1500 };

const killServer = `set -eu
pid=$(systemctl show -p MainPID --value ${unit})
if [ "$pid" = 0 ]; then
  echo "${unit} does not run" >&2
  exit 1
fi
kill -KILL "$pid"
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

/** Residue of a drill is looked for by this name; a file beside the tables is none of theirs. */
const filler = `${dataDirectory}/mcp-drill-filler`;

const fullDisk: Act = {
  kind: 'script',
  break: programWith(fillDiskText, { values: { data: dataDirectory, filler } }),
  breakWithinSeconds: 60,
  heal: `${programWith(freeDiskText, { values: { filler } })}${startServer}`,
};
