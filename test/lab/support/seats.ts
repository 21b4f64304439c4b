import { type WriterRun, writerRuns } from '../../../src/drill/consistency/rows.ts';
import { onEach, secretsOf } from './hosts.ts';
import type { LabOf } from './mcp.ts';

/** What clients of the database saw that sit on each host of the cloud. */
export interface SeatsSeen {
  /** Who took their rows, in the order of time. Who comes back between the rows of another took them beside it. */
  readonly writers: readonly WriterRun[];
  /** Rows that were acknowledged on each host, and how many of them each member has in the end. */
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
}

/**
 * Clients on the hosts themselves, where each sees its own side of a cut: every half second each writes a row through the
 * database VIP and notes that it was acknowledged.
 */
export async function seatClients(lab: LabOf, hosts: readonly string[], members: readonly string[]) {
  const password = (await secretsOf('lab.secrets.yaml'))['galera.drill'] ?? '';
  await lab.on(
    members[0] ?? '',
    `mariadb -e "CREATE OR REPLACE TABLE mcp_drill.seats (seat VARCHAR(16), number INT, writer VARCHAR(64), at DATETIME(6), PRIMARY KEY (seat, number))"`,
  );
  // By a file, since systemd would fill in what looks like a variable in an argument.
  const start = `systemd-run --quiet --collect --unit=seat --setenv=MYSQL_PWD=${password} sh /run/seat.sh`;
  await onEach(
    lab,
    hosts,
    `rm -f /run/seat.acknowledged; touch /run/seat.acknowledged; cat >/run/seat.sh <<'END'\n${writing}\nEND\n${start}`,
  );
  return {
    async finish(): Promise<SeatsSeen> {
      await onEach(lab, hosts, 'systemctl stop seat; rm -f /run/seat.sh');
      const acknowledged = numbersIn(await onEach(lab, hosts, 'cat /run/seat.acknowledged'));
      const found = await onEach(
        lab,
        members,
        `mariadb -N -B -e "SET wsrep_sync_wait=15; SELECT seat, number, writer FROM mcp_drill.seats ORDER BY at"`,
      );
      const lost = Object.entries(found).flatMap(([member, text]) => {
        const there = new Set(text.split('\n').map((line) => line.split('\t').slice(0, 2).join(' ')));
        return Object.entries(acknowledged).flatMap(([seat, numbers]) =>
          numbers
            .filter((number) => !there.has(`${seat} ${number}`))
            .map((number) => `${seat} ${number} on ${member}`),
        );
      });
      const rows = (found[members[0] ?? ''] ?? '').split('\n').filter((line) => line !== '');
      return {
        writers: writerRuns(
          rows.map((line, sequence) => ({ number: sequence, writer: line.split('\t')[2] ?? '', sequence })),
        ),
        acknowledged: Object.fromEntries(
          Object.entries(acknowledged).map(([seat, numbers]) => [seat, numbers.length]),
        ),
        lost,
      };
    },
  };
}

const writing = `number=0
while :; do
  number=$((number + 1))
  if timeout 3 mariadb --no-defaults --connect-timeout=2 -h 10.77.0.101 -u mcp_drill mcp_drill -e "INSERT INTO seats VALUES ('$(hostname)', $number, @@wsrep_node_name, NOW(6))"; then
    echo $number >>/run/seat.acknowledged
  fi
  sleep 0.5
done`;

const numbersIn = (texts: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(texts).map(([host, text]) => [host, text.split('\n').filter((line) => line !== '')]),
  );
