/** What a balancer said of itself. */
export interface BalancerReply {
  /** By listener, then by server name: `UP`, `DOWN`, `MAINT`, `UP 1/2`, `DRAIN`… */
  readonly servers: readonly ServerState[];
  /** By listener, whether HAProxy would serve a client now. */
  readonly listeners: ReadonlyMap<string, boolean>;
  /** By peer name, whether the connection to it stands (or it stands to us). */
  readonly peers: ReadonlyMap<string, boolean>;
  /** By listener with a stick table: the server in it, undefined while no client has come yet. */
  readonly writers: ReadonlyMap<string, string | undefined>;
}

interface ServerState {
  readonly listener: string;
  readonly server: string;
  readonly status: string;
  /** Why it is down, in HAProxy's words: "L4CON Connection refused". */
  readonly lastCheck: string;
}

/** Reads the probe's output; undefined while the balancer is not installed or does not run. */
export function parseBalancer(output: string): BalancerReply | undefined {
  const answers = answersIn(output);
  const stat = answers.get('show stat -1 6 -1');
  if (stat === undefined) return undefined;
  const lines = parseStat(stat);
  return {
    servers: lines
      .filter(({ svname }) => svname !== 'FRONTEND' && svname !== 'BACKEND')
      .map(({ pxname = '', svname = '', status = '', check_status = '', last_chk = '' }) => ({
        listener: pxname,
        server: svname,
        status,
        lastCheck: [check_status, last_chk].filter((word) => word !== '').join(' '),
      })),
    listeners: new Map(
      lines
        .filter(({ svname }) => svname === 'BACKEND')
        .map(({ pxname = '', status = '' }) => [pxname, status.startsWith('UP')]),
    ),
    peers: parsePeers(answers.get('show peers') ?? ''),
    writers: new Map(
      [...answers]
        .filter(([question]) => question.startsWith('show table '))
        .map(([question, answer]) => [question.slice('show table '.length), parseWriter(answer)]),
    ),
  };
}

function answersIn(output: string): ReadonlyMap<string, string> {
  const [, ...parts] = output.split(/^### /m);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end + 1)];
    }),
  );
}

type StatLine = Readonly<Partial<Record<string, string>>> & {
  readonly pxname?: string;
  readonly svname?: string;
  readonly status?: string;
  readonly check_status?: string;
  readonly last_chk?: string;
};

function parseStat(answer: string): readonly StatLine[] {
  const [head = '', ...lines] = answer.split('\n').filter((line) => line.trim() !== '');
  const columns = cells(head.replace(/^# /, ''));
  return lines.map((line) => {
    const values = cells(line);
    return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
  });
}

/** HAProxy quotes a cell with a comma, and doubles a quote within. */
const cells = (line: string): readonly string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );

function parsePeers(answer: string): ReadonlyMap<string, boolean> {
  const found = [...answer.matchAll(/id=(\S+?)\(remote[^)]*\)[^\n]*?last_status=(\w+)/g)];
  return new Map(found.map(([, name = '', status]) => [name, status === 'ESTA']));
}

const parseWriter = (answer: string): string | undefined => /server_key=(\S+)/.exec(answer)?.[1];
