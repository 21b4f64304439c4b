import type { Connect, Connection } from '../model/transport.ts';

/** Something that a component said about the fault, from a host's journal. */
export interface TimelineEntry {
  /** Milliseconds since the epoch, by that host's clock. */
  readonly at: number;
  readonly host: string;
  /** `Keepalived_vrrp`, `haproxy`, `mariadbd`, `rabbitmq`. */
  readonly source: string;
  readonly message: string;
}

export interface Window {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly hosts: readonly string[];
}

/** What the hosts' components said since `from`, in order. A host that does not answer has nothing to say. */
export async function collectTimeline(window: Window, connect: Connect): Promise<readonly TimelineEntry[]> {
  const told = await Promise.all(
    window.hosts.map(async (host) => {
      try {
        return await tellFrom(await connect(host), window.from);
      } catch {
        return [];
      }
    }),
  );
  return told.flat().toSorted((a, b) => a.at - b.at);
}

async function tellFrom(connection: Connection, from: number): Promise<readonly TimelineEntry[]> {
  const { stdout } = await connection.run(journalScript(from), { timeoutSeconds: 30 });
  return parseJournal(connection.host, stdout).filter(({ at }) => at >= from);
}

/** Lines of `journalctl -o short-unix`, and of RabbitMQ's own log, which does not go to the journal. */
export function parseJournal(host: string, text: string): readonly TimelineEntry[] {
  return text.split('\n').flatMap((line): readonly TimelineEntry[] => {
    const journal = /^(\d+\.\d+) (?:\S+ )?([^\s[:]+)(?:\[\d+\])?: (.*)$/.exec(line);
    if (journal) {
      const [, at = '', source = '', message = ''] = journal;
      return [{ at: Math.round(Number(at) * 1000), host, source, message }];
    }
    const rabbit = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+)([+-]\d\d:\d\d) \[\w+\] <\S+> (.*)$/.exec(line);
    if (!rabbit) return [];
    const [, date = '', time = '', zone = '', message = ''] = rabbit;
    return [{ at: Date.parse(`${date}T${time}${zone}`), host, source: 'rabbitmq', message }];
  });
}

/** Units whose coming and going says something; the others of a boot only fill the page. */
const units = '(mariadb|rabbitmq-server|haproxy|keepalived|nginx|horizon|memcached|mcp-)[a-z-]*\\.service';

/** What says that something changed hands, died or came back. The words of the programs, not ours. */
const telling = [
  'Entering (MASTER|BACKUP|FAULT) STATE',
  'haproxy\\[[0-9]+\\]: (Backup )?Server [^ ]+ is (DOWN|UP|going DOWN)',
  'has no server available',
  'WSREP: (.*suspecting|declaring|forgetting|.*Quorum results|.*[Vv]iew:|Shifting|.*synced with group|.*non-primary|.*SST)',
  'mariadbd: (ready for connections|Normal shutdown)',
  `systemd\\[1\\]: (${units}).*(Main process exited|Scheduled restart|Failed)`,
  `systemd\\[1\\]: (Started|Stopped) (${units})`,
  'node .rabbit@[^ ]* (up|down)',
  'rabbit on node .* (up|down)',
  '([Pp]artial partition|pause|Promoting|saw deaths|alarm)',
].join('|');

const journalScript = (from: number): string => `
journalctl --quiet --no-pager --no-hostname --output=short-unix --since=@${Math.floor(from / 1000)} |
  grep -E '${telling}' | tail -n 300
for log in /var/log/rabbitmq/rabbit@*.log; do
  [ -f "$log" ] && tail -n 2000 "$log" | grep -E '${telling}' | tail -n 100
done
exit 0
`;
