import { existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '../../src/execute/index.ts';
import type { Emit, ExecutionEvent } from '../../src/model/event.ts';
import type { Connect, Connection } from '../../src/model/transport.ts';
import type { LocalCloud } from './local-cloud.ts';

/** A moment of a run at which its program may be killed. The same words in every run of the same plan. */
export interface Point {
  /**
   * `record`: a line of the journal is written. `before`: something is about to be sent to a host. Once it was sent and
   * its answer has not come, the host goes on with it (`unheard`) or ends it (`cut-off`).
   */
  readonly kind: 'record' | 'before' | 'unheard' | 'cut-off';
  readonly what: string;
  /** How long the host has been at it, for those two. */
  readonly milliseconds?: number;
}

/** When a controller dies, and how; never where neither moment is said. */
export interface Death {
  readonly dieAt?: Point | undefined;
  /** So many points it comes to. */
  readonly dieAfter?: number | undefined;
  /** What kills it; by default it goes on within this process, heard by nobody. */
  readonly kill?: (() => void) | undefined;
}

/** The program of one run as its hosts and its journal see it. */
export interface Controller {
  readonly connect: Connect;
  readonly connectAfresh: Connect;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Every point that it has come to. */
  readonly points: readonly Point[];
  /** Resolves once it is dead and its connections have ended. */
  readonly dead: Promise<'dead'>;
  isDead(): boolean;
  /** Lets its hosts go, as it does when it ends. */
  close(): Promise<void>;
}

/**
 * A controller that dies at a point: nothing that it asked is answered, nothing more is asked, told or slept through, and
 * hosts see its connections end.
 */
export function controllerOf(cloud: LocalCloud, { dieAt, dieAfter, kill }: Death = {}): Controller {
  const fleet = cloud.fleet();
  const points: Point[] = [];
  const counts = new Map<string, number>();
  let isDead = false;
  let told: () => void = () => undefined;
  const dead = new Promise<'dead'>((resolve) => {
    told = () => resolve('dead');
  });
  const die = (signal?: NodeJS.Signals) => {
    kill?.();
    isDead = true;
    void fleet.die(signal).then(told);
  };
  /** Names what is done for the n-th time. */
  const counted = (what: string): string => {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    return `${what} #${count}`;
  };
  const reach = (point: Point): void => {
    points.push(point);
    if (!isDead && dieAfter !== undefined && points.length >= dieAfter) die();
    if (dieAt?.kind === point.kind && dieAt.what === point.what) die();
  };
  /** Dies while the host is at what it was sent. */
  const dieMeanwhile = async (host: string, what: string): Promise<void> => {
    points.push({ kind: 'unheard', what }, { kind: 'cut-off', what });
    if (dieAt === undefined || !isMeanwhile(dieAt) || dieAt.what !== what) return;
    while (!existsSync(cloud.at(host, 'begun'))) await pause(1);
    await pause(dieAt.milliseconds ?? 0);
    die(dieAt.kind === 'cut-off' ? 'SIGHUP' : undefined);
  };
  /** Hosts are looked at all at once, and nothing comes of it: that is one point. */
  const look = <Result>(host: string, ask: () => Promise<Result>): Promise<Result> => {
    if (host === cloud.hosts[0]) reach({ kind: 'before', what: counted('look at all hosts') });
    return isDead ? never : unlessDead(ask());
  };
  const act = <Result>(host: string, title: string, ask: () => Promise<Result>): Promise<Result> => {
    const what = counted(`${host}: ${cloud.nameless(title)}`);
    reach({ kind: 'before', what });
    if (isDead) return never;
    rmSync(cloud.at(host, 'begun'), { force: true });
    const answer = ask();
    void dieMeanwhile(host, what);
    return unlessDead(answer);
  };
  const unlessDead = async <Result>(answer: Promise<Result>): Promise<Result> => {
    const outcome = await Promise.allSettled([answer]);
    return isDead ? never : outcome[0].status === 'fulfilled' ? outcome[0].value : answer;
  };
  const send = <Result>(
    { host, title = 'run a script', script }: { host: string; title: string | undefined; script: string },
    ask: (script: string) => Promise<Result>,
  ): Promise<Result> => {
    if (isDead) return never;
    const here = cloud.here(host, script);
    return title === 'look at itself'
      ? look(host, () => ask(here))
      : act(host, title, () => ask(`: >"$LAB/$HOST/begun"\n${here}`));
  };
  const over = (connection: Connection): Connection => ({
    host: connection.host,
    run: (script, options = {}) =>
      send({ host: connection.host, title: options.title, script }, (here) => {
        // These hosts never hang, and how long they take says how busy this machine is.
        const { input, timeoutSeconds: _unlimited, ...rest } = options;
        if (input === undefined) return connection.run(here, rest);
        const said = typeof input === 'string' ? cloud.here(connection.host, input) : input;
        return connection.run(here, { ...rest, input: said });
      }),
    hold: (script, { timeoutSeconds: _unlimited, ...options } = {}) =>
      send({ host: connection.host, title: options.title, script }, async (here) => {
        const held = await connection.hold(here, options);
        if (held.kind === 'ended') return held;
        return { ...held, [Symbol.asyncDispose]: async () => (isDead ? never : held[Symbol.asyncDispose]()) };
      }),
    [Symbol.asyncDispose]: async () => (isDead ? never : connection[Symbol.asyncDispose]()),
  });
  const reaching =
    (connect: Connect): Connect =>
    async (host) =>
      isDead ? never : over(await connect(host));
  return {
    connect: reaching(fleet.connect),
    connectAfresh: reaching(fleet.connectAfresh),
    clock: sleepless(() => isDead),
    emit(event) {
      reach({ kind: 'record', what: counted(cloud.nameless(wordsOf(event))) });
      if (isDead) throw new Error('the controller is dead');
    },
    points,
    dead,
    isDead: () => isDead,
    close: async () => {
      if (!isDead) await fleet[Symbol.asyncDispose]();
    },
  };
}

const isMeanwhile = ({ kind }: Point): boolean => kind === 'unheard' || kind === 'cut-off';

const never = new Promise<never>(() => undefined);

/** Every second that is slept counts as ten, and nothing else takes time: a gate looks as often in every run. */
function sleepless(isDead: () => boolean): Clock {
  let now = 0;
  return {
    now: () => now,
    wallClock: systemClock.wallClock,
    async sleep(milliseconds) {
      now += 10 * milliseconds;
      await pause(1);
      return isDead() ? never : undefined;
    },
  };
}

function wordsOf(event: ExecutionEvent): string {
  const { type } = event;
  const where = 'host' in event ? ` ${event.host}` : '';
  const what = 'title' in event ? `: ${event.title}` : '';
  return `${type}${where}${what}`;
}
