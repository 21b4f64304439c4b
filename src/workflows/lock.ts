import { breakLock, lookAtLock } from '../execute/index.ts';
import { McpError } from '../model/failure.ts';
import { type HostLock, heldUpBy, type SeenLock, silentSeconds } from '../model/lock.ts';
import { askedHere } from './asked.ts';
import type { Session } from './cloud.ts';

/** How the lock of every host is; of one that does not answer, why that is not known. */
export async function cloudLocks(session: WithHosts, signal?: AbortSignal): Promise<readonly SeenLock[]> {
  const { connect, cloud } = session;
  return Promise.all(
    cloud.topology.hosts.map(async ({ name }): Promise<SeenLock> => {
      try {
        return await lookAtLock(name, { connect, ...(signal === undefined ? {} : { signal }) });
      } catch (failure) {
        if (!(failure instanceof McpError) || failure.code === 'interrupted') throw failure;
        return { host: name, state: 'unknown', failure };
      }
    }),
  );
}

/** What looking at locks needs of a session. */
export type WithHosts = Pick<Session, 'connect' | 'cloud'>;

export interface BreakWishes {
  /** Shows whose locks would be broken and asks; resolves false to leave everything as it is. */
  confirm(held: readonly HostLock[]): Promise<boolean>;
}

/**
 * Takes locks from runs that are gone; resolves with those that were held. Throws McpError `locked` where anything of such
 * a run lives on any host, and what failed first where a host can't be asked.
 */
export async function breakLocks(session: WithHosts, { confirm }: BreakWishes): Promise<readonly HostLock[]> {
  const locks = (await cloudLocks(session)).map(known);
  const held = locks.filter(({ state }) => state !== 'free');
  if (held.length === 0) return [];
  const lives = held.flatMap((lock) => signsOfLife(lock, locks));
  if (lives.length > 0) {
    throw new McpError('locked', `a lock is only broken when its run is gone:\n${lives.join('\n')}`, {
      hint: 'wait until that has ended: a lock goes with its run, two minutes after it was last heard of at the latest',
    });
  }
  if (!(await confirm(held))) throw new McpError('not-confirmed', 'not confirmed: no lock was broken');
  const since = new Date().toISOString();
  for (const { host, words: run } of held) {
    const breaker = { ...askedHere('lock break'), run: `${run}-broken`, since };
    await breakLock(host, { run, breaker }, session);
  }
  return held;
}

function known(lock: SeenLock): HostLock {
  if (lock.state === 'unknown') throw lock.failure;
  return lock;
}

/** What says that the run which has this lock is not gone. */
function signsOfLife(lock: HostLock, all: readonly HostLock[]): readonly string[] {
  const { host, state, words: run, silentSeconds: silence } = lock;
  if (state !== 'held') return [`${host} is ${heldUpBy(lock)}`];
  const steps = all.flatMap((each) =>
    each.units
      .filter((unit) => unit.startsWith(`mcp-${run}-`))
      .map((unit) => `${each.host}: its step ${unit} lives`),
  );
  return [
    ...(silence < silentSeconds ? [`${host}: run ${run} was heard ${silence} s ago`] : []),
    ...new Set(steps),
  ];
}
