import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { buildConnector, Client } from 'undici';
import { type Attempt, latencyOf } from '../../../src/drill/attempt.ts';
import { systemClock } from '../../../src/drill/clock.ts';
import { startProbe } from '../../../src/drill/load/schedule.ts';
import { outagesOf, usualRule } from '../../../src/drill/outage.ts';
import { keepPunctual } from '../../../src/drill/priority.ts';
import { ProbeFailure } from '../../../src/drill/probes/probe.ts';
import { joinClients } from '../../../src/lab/processors.ts';
import { type ReadyWatcher, readyWatcher, startInNamespace } from './watcher.ts';

/** What clients of the APIs saw while something was done to the lab, by what they asked for. */
export interface ApisSeen {
  /** After so long without an answer a request had failed. */
  readonly patienceMilliseconds: number;
  readonly series: readonly {
    readonly name: string;
    readonly attempts: number;
    readonly failed: number;
    /** Of those that were answered. */
    readonly answered: { readonly perSecond: number; readonly median: number; readonly p99: number };
    /** What went wrong how often: `timeout`, `http-503`. */
    readonly failures: Readonly<Record<string, number>>;
    /** Milliseconds since the first attempt. */
    readonly outages: readonly { readonly from: number; readonly milliseconds: number }[];
  }[];
}

export interface ApiClient {
  /** What is asked for: `token`, three lists, and, only when named here, the others. */
  readonly only?: readonly string[];
  /** Of each of them; 200 unless said otherwise. `least`: as often as this machine can answer, and at most once in so long. */
  readonly intervalMilliseconds?: number | { readonly least: number };
  /** How long each waits: two seconds unless said otherwise. */
  readonly patience?: 'of this machine';
  /** More are never under way at once; 30 unless said otherwise. With few and a short interval the cloud sets the pace. */
  readonly maxInFlight?: number;
  readonly namespace: string;
  /** The public VIP. */
  readonly address: string;
  readonly hostname: string;
  readonly authority: string;
  readonly password: string;
}

const usualIntervalMilliseconds = 200;
const usualInFlight = 30;
/** More than that is a failed request, and what is not answered for so long a silence of the cloud. */
const usualPatienceMilliseconds = 2000;
/**
 * All hosts share the cores of one machine, and on one that is slow at what starting services takes, one answer in thousands
 * came after two seconds while nothing was wrong with the cloud. Who counts failed requests of a whole deploy may wait so
 * many times what the slowest answer takes while nothing is done, and not longer than this.
 */
const longer = { timesOfQuiet: 30, mostMilliseconds: 5000 };
/** Of each question; the quickest answer counts. */
const quietQuestions = 3;
/**
 * So much of one core all questions together ask of a machine: what answers them shares its cores with all that is done to
 * the hosts meanwhile, and a machine that is full says nothing about that. Where a first deploy takes 14 minutes, six
 * requests a second took half a core, and 115 of 12,061 came late; so many: 1 of 4,301. Twenty a second, while a host booted
 * beside them, were more than such a machine answers: those that were given up filled the queues of those that came after.
 */
const shareOfCore = 0.3;

const usualQuestions = ['token', 'image list', 'network list', 'server list'];

const lists: readonly { readonly name: string; readonly port: number; readonly path: string }[] = [
  { name: 'project list', port: 5000, path: '/v3/projects' },
  { name: 'image list', port: 9292, path: '/v2/images' },
  { name: 'network list', port: 9696, path: '/v2.0/networks' },
  { name: 'server list', port: 8774, path: '/v2.1/servers' },
  { name: 'placement', port: 8778, path: '/resource_providers' },
];

/**
 * Asks for a token and for lists through the public VIP with TLS verified, each at its interval whether or not the one
 * before was answered, over a fresh connection each time. Runs in a process of its own inside the namespace; `ready`: the
 * interval in milliseconds.
 */
export async function watchApis(client: ApiClient): Promise<ReadyWatcher<ApisSeen>> {
  const input = `${JSON.stringify(client)}\n`;
  return readyWatcher(startInNamespace(client.namespace, [fileURLToPath(import.meta.url), 'watch'], input));
}

async function watch(): Promise<void> {
  keepPunctual();
  const input = process.stdin.setEncoding('utf8')[Symbol.asyncIterator]();
  const { value } = await input.next();
  const client: ApiClient = JSON.parse(String(value));
  // A lab and its namespace have the same name here; that of an outsider has its own behind a dot.
  const [name = ''] = client.namespace.split('.');
  await joinClients({ name });
  const fetchOnce = await fetcherOf(client);
  const login = JSON.stringify(loginOf(client.password));
  const askToken = async (signal: AbortSignal) => {
    const { status, token } = await fetchOnce({ port: 5000, path: '/v3/auth/tokens', body: login }, signal);
    if (status !== 201 || token === undefined) throw new ProbeFailure(`http-${status}`);
    return token;
  };
  const token = await askToken(AbortSignal.timeout(20_000));
  const { only = usualQuestions, maxInFlight = usualInFlight } = client;
  const attempts: Attempt[] = [];
  const probes = [
    { name: 'token', ask: askToken },
    {
      // Round robin: mostly another host checks it than the one that made it.
      name: 'checked token',
      ask: async (signal: AbortSignal) => {
        const fresh = await askToken(signal);
        const { status } = await fetchOnce(
          { port: 5000, path: '/v3/auth/tokens', token: fresh, subject: fresh },
          signal,
        );
        if (status !== 200) throw new ProbeFailure(`check-http-${status}`);
      },
    },
    ...lists.map(({ name, port, path }) => ({
      name,
      ask: async (signal: AbortSignal) => {
        const { status } = await fetchOnce({ port, path, token }, signal);
        if (status !== 200) throw new ProbeFailure(`http-${status}`);
      },
    })),
    {
      // The cheapest answer there is: what its time tells is the way there and back.
      name: 'version',
      ask: async (signal: AbortSignal) => {
        const { status } = await fetchOnce({ port: 5000, path: '/v3' }, signal);
        if (status !== 200) throw new ProbeFailure(`http-${status}`);
      },
    },
  ].filter(({ name }) => only.includes(name));
  const { patience, intervalMilliseconds: asked = usualIntervalMilliseconds } = client;
  const quiet =
    patience === 'of this machine' || typeof asked === 'object'
      ? await quietAnswers(probes.map(({ ask }) => ask))
      : [];
  const deadlineMilliseconds =
    patience === 'of this machine' ? patienceFor(quiet) : usualPatienceMilliseconds;
  const intervalMilliseconds = typeof asked === 'object' ? intervalFor(quiet, asked.least) : asked;
  const running = probes.map(({ name, ask }) =>
    startProbe(
      {
        series: { name, endpoint: 'page' },
        deadlineMilliseconds,
        attempt: async (_number, signal) => void (await ask(signal)),
        close: async () => undefined,
      },
      {
        intervalMilliseconds,
        maxInFlight,
        clock: systemClock,
        onAttempt: (attempt) => void attempts.push(attempt),
      },
    ),
  );
  process.stdout.write(`${intervalMilliseconds}\n`);
  for await (const _ of { [Symbol.asyncIterator]: () => input });
  await Promise.all(running.map((probe) => probe.stop()));
  process.stdout.write(
    `${JSON.stringify({ patienceMilliseconds: deadlineMilliseconds, series: probes.map(({ name }) => summarise(name, attempts, { intervalMilliseconds, deadlineMilliseconds })) })}\n`,
  );
}

/** Milliseconds that each takes: one question after another, of a cloud to which nothing is done yet. */
async function quietAnswers(
  questions: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<readonly number[]> {
  const times: number[] = [];
  for (const ask of questions) {
    let quickest = Number.POSITIVE_INFINITY;
    for (let asked = 0; asked < quietQuestions; asked += 1) {
      const before = performance.now();
      await ask(AbortSignal.timeout(20_000));
      quickest = Math.min(quickest, performance.now() - before);
    }
    times.push(quickest);
  }
  return times;
}

function patienceFor(quiet: readonly number[]): number {
  const wanted = Math.round(longer.timesOfQuiet * Math.max(...quiet));
  return Math.min(longer.mostMilliseconds, Math.max(usualPatienceMilliseconds, wanted));
}

function intervalFor(quiet: readonly number[], leastMilliseconds: number): number {
  const all = quiet.reduce((sum, each) => sum + each, 0);
  return Math.max(leastMilliseconds, Math.round(all / shareOfCore));
}

function summarise(
  name: string,
  all: readonly Attempt[],
  {
    intervalMilliseconds,
    deadlineMilliseconds,
  }: Record<'intervalMilliseconds' | 'deadlineMilliseconds', number>,
): ApisSeen['series'][number] {
  const attempts = all.filter(({ series }) => series === name);
  const first = Math.min(...attempts.map(({ startedAt }) => startedAt));
  const failures: Record<string, number> = {};
  for (const { failure } of attempts) if (failure) failures[failure] = (failures[failure] ?? 0) + 1;
  // Lists take a while on two cores: what is answered late, and in time, is no silence of the cloud.
  const rule = { ...usualRule, intervalMilliseconds, shortestSilenceMilliseconds: deadlineMilliseconds };
  return {
    name,
    attempts: attempts.length,
    failed: attempts.filter(({ failure }) => failure !== undefined).length,
    failures,
    answered: answersOf(attempts),
    outages: outagesOf(attempts, rule).map(({ from, until }) => ({
      from: from - first,
      milliseconds: until - from,
    })),
  };
}

function answersOf(attempts: readonly Attempt[]): ApisSeen['series'][number]['answered'] {
  const well = attempts.filter(({ failure }) => failure === undefined);
  const times = well.map(latencyOf).toSorted((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const first = Math.min(...attempts.map(({ startedAt }) => startedAt));
  const last = Math.max(...attempts.map(({ endedAt }) => endedAt));
  return { perSecond: (well.length * 1000) / (last - first), median: at(0.5), p99: at(0.99) };
}

interface Question {
  readonly port: number;
  readonly path: string;
  readonly body?: string | undefined;
  readonly token?: string | undefined;
  /** A token to be checked. */
  readonly subject?: string | undefined;
}

async function fetcherOf({ address, hostname, authority }: ApiClient) {
  // Read once: the clients' own work would otherwise be a tenth of all that the machine of the lab can do.
  const secureContext = createSecureContext({ ca: await readFile(authority, 'utf8') });
  const connect = buildConnector({ servername: hostname, secureContext });
  return async ({ port, path, body, token, subject }: Question, signal: AbortSignal) => {
    const client = new Client(`https://${address}:${port}`, { connect });
    const letGo = () => void client.destroy();
    signal.addEventListener('abort', letGo, { once: true });
    try {
      const answer = await client.request({
        method: body === undefined ? 'GET' : 'POST',
        path,
        headers: { host: `${hostname}:${port}`, ...headersFor({ body, token, subject }) },
        ...(body === undefined ? {} : { body }),
        signal,
      });
      await answer.body.text();
      const issued = answer.headers['x-subject-token'];
      return { status: answer.statusCode, token: typeof issued === 'string' ? issued : undefined };
    } finally {
      signal.removeEventListener('abort', letGo);
      await client.destroy();
    }
  };
}

const headersFor = ({ body, token, subject }: Pick<Question, 'body' | 'token' | 'subject'>) => ({
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(token === undefined ? {} : { 'x-auth-token': token }),
  ...(subject === undefined ? {} : { 'x-subject-token': subject }),
});

const loginOf = (password: string) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: 'admin', domain: { name: 'Default' }, password } },
    },
    scope: { project: { name: 'admin', domain: { name: 'Default' } } },
  },
});

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'watch') await watch();
