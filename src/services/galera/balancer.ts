/** HAProxy's view of the members on one host. */
export interface Balancer {
  /** In the order in which it would choose. */
  readonly servers: readonly BalancedServer[];
  /** The server that the stick table remembers as the writer. */
  readonly remembered: string | undefined;
}

interface BalancedServer {
  readonly name: string;
  /** `up` takes connections; `out` was taken out by hand. */
  readonly state: 'up' | 'down' | 'out';
  readonly sessions: number;
}

/** The server that gets new connections: the remembered one while it is up, else the first that is. */
export function choiceOf({ servers, remembered }: Balancer): string | undefined {
  const up = servers.filter(({ state }) => state === 'up').map(({ name }) => name);
  return up.find((name) => name === remembered) ?? up[0];
}

/** Reads what the probe printed of `show stat` and `show table`; undefined where there is no HAProxy. */
export function parseBalancer(lines: readonly string[]): Balancer | undefined {
  const [header, ...rows] = after('balancer.stat ', lines).filter((line) => line !== '');
  if (header === undefined) return undefined;
  const names = header.replace(/^# /, '').split(',');
  return {
    servers: rows.map((row) =>
      serverFrom(new Map(row.split(',').map((text, at) => [names[at] ?? '', text]))),
    ),
    remembered: /\bserver_key=(\S+)/.exec(after('balancer.table ', lines).join('\n'))?.[1],
  };
}

const after = (prefix: string, lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim());

const serverFrom = (fields: ReadonlyMap<string, string>): BalancedServer => ({
  name: fields.get('svname') ?? '',
  state: stateFrom(fields.get('status') ?? ''),
  sessions: Number(fields.get('scur') ?? 0),
});

// "UP", "UP 1/2", "DOWN", "DOWN 1/2", "MAINT", "MAINT (via …)", "DRAIN", "no check".
function stateFrom(status: string): BalancedServer['state'] {
  if (status.startsWith('UP')) return 'up';
  return status.startsWith('MAINT') || status.startsWith('DRAIN') ? 'out' : 'down';
}
