import { type Act, type Fault, type Strike, strikeOn } from '../../model/fault.ts';
import type { ObservedState } from '../../model/observed.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import killDonorText from './kill-donor.sh';
import killJoinerText from './kill-joiner.sh';
import { dataDirectory, serverSocket, unit } from './layout.ts';
import loseDataText from './lose-data.sh';
import { donorsFor } from './server-values.ts';
import sqlText from './sql.sh';
import { startServer } from './start-server.ts';
import { writerOf } from './writer.ts';

/** A second failure while a member that has lost its data copies all of another's. */
export function copyFaults(instances: readonly Instance[], topology: Topology): readonly Fault[] {
  if (instances.length < 3) return [];
  const members = instances.map(({ host }) => host.name);
  const common = {
    kind: 'script',
    // A copy of a cloud's data can take hours.
    onlyByName: true,
    lastsSeconds: 90,
    healthyWithinSeconds: 300,
  } as const;
  return [
    {
      ...common,
      name: 'galera-joiner-killed',
      title: 'a member loses its data, and its server is killed while it copies those of another',
      strike: (observed) => {
        const pair = pairOf(members, writerOf(topology, observed));
        return strikeOn(pair?.joiner, killedJoiner);
      },
      // Votes about one member, as when the writer is not the one that dies; again when it returns.
      budgets: { sql: 4000 },
      secondBudgetMilliseconds: 4000,
    },
    {
      ...common,
      name: 'galera-donor-killed',
      title: 'a member loses its data, and the server that it copies from is killed',
      strike: (observed) => donorStrike(members, topology, observed),
      // Galera has a joiner without its donor end, too. Where both go, one of three is left, and that is no majority: no
      // writes until systemd has started one of them again (5 s), it has found the group (10 s) and was heard (2 s).
      budgets: { sql: 30_000 },
      secondBudgetMilliseconds: 10_000,
    },
  ];
}

/** The donor waits for the joiner to come: both at once, so that nothing has to be in time. */
function donorStrike(
  members: readonly string[],
  topology: Topology,
  observed: ObservedState,
): Strike | undefined {
  const pair = pairOf(members, writerOf(topology, observed));
  return (
    pair && {
      falls: 'at-once',
      blows: [
        { host: pair.joiner, act: joiner },
        { host: pair.donor, act: killedDonor },
      ],
    }
  );
}

/** Who could copy from whom without the writer's help; where its configuration has each ask the writer first, with that. */
function pairOf(members: readonly string[], writer: string | undefined) {
  if (writer === undefined) return undefined;
  const pairs = members
    .filter((name) => name !== writer)
    .flatMap((name) =>
      donorsFor(name, members)
        .slice(0, 1)
        .map((donor) => ({ joiner: name, donor })),
    );
  return pairs.find(({ donor }) => donor !== writer) ?? pairs[0];
}

const loseData = programWith(loseDataText, { values: { unit, data: dataDirectory } });

const joiner: Act = { kind: 'script', break: loseData, breakWithinSeconds: 60, heal: startServer };

const killedJoiner: Act = {
  kind: 'script',
  break: loseData + killJoinerText,
  breakWithinSeconds: 90,
  heal: startServer,
};

const killedDonor: Act = {
  kind: 'script',
  break: programWith(sqlText + killDonorText, { values: { socket: serverSocket, unit } }),
  breakWithinSeconds: 90,
  heal: startServer,
};
