import { type Attempt, tolerableLagMilliseconds } from '../attempt.ts';
import type { Clock } from '../clock.ts';
import { failureOf, type Probe } from '../probes/probe.ts';

export interface ScheduleOptions {
  readonly intervalMilliseconds: number;
  /** More than these are never under way at once; what would exceed it is counted as dropped. */
  readonly maxInFlight: number;
  readonly clock: Clock;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** A probe that runs until it is stopped. */
export interface RunningProbe {
  readonly dropped: number;
  /** Starts nothing more, and resolves when every attempt under way has ended. */
  stop(): Promise<void>;
}

/**
 * Open loop: an attempt starts at each tick of a fixed schedule, whether or not the ones before it were answered, so
 * that a slow cluster can't slow down the clients that judge it. Ticks that this process missed are made up for at once.
 */
export function startProbe(probe: Probe, options: ScheduleOptions): RunningProbe {
  const { clock, intervalMilliseconds, maxInFlight } = options;
  const begun = clock.now() + Math.random() * intervalMilliseconds;
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let dropped = 0;
  const launch = (number: number, scheduledAt: number) => {
    if (underWay.size >= maxInFlight) {
      dropped += 1;
      return;
    }
    const attempt = tryOnce(probe, { number, scheduledAt, ...options }).finally(() =>
      underWay.delete(attempt),
    );
    underWay.add(attempt);
  };
  const ticking = tick();
  async function tick(): Promise<void> {
    for (let number = 0; !stopping.signal.aborted; number += 1) {
      const scheduledAt = begun + number * intervalMilliseconds;
      const wait = scheduledAt - clock.now();
      if (wait > 0) await clock.sleep(wait, stopping.signal).catch(() => undefined);
      if (!stopping.signal.aborted) launch(number, scheduledAt);
    }
  }
  return {
    get dropped() {
      return dropped;
    },
    async stop() {
      stopping.abort();
      await ticking;
      await Promise.all(underWay);
      await probe.close();
    },
  };
}

interface Try extends Pick<ScheduleOptions, 'clock' | 'onAttempt'> {
  readonly number: number;
  readonly scheduledAt: number;
}

/** Never rejects: what went wrong is the attempt's failure. */
async function tryOnce(probe: Probe, wanted: Try): Promise<void> {
  const { number, scheduledAt, clock, onAttempt } = wanted;
  const startedAt = clock.now();
  const deadline = new AbortController();
  const finished = new AbortController();
  let connectedAt = Number.POSITIVE_INFINITY;
  const tooLate = clock.sleep(probe.deadlineMilliseconds, finished.signal).then(
    () => {
      deadline.abort();
      return 'timeout';
    },
    () => 'timeout',
  );
  const connected = () => {
    connectedAt = Math.min(connectedAt, clock.now());
  };
  const answered = probe.attempt(number, deadline.signal, connected).then(
    () => undefined,
    (error: unknown) => (deadline.signal.aborted ? 'timeout' : failureOf(error)),
  );
  const failure = await Promise.race([answered, tooLate]);
  const endedAt = clock.now();
  const stoodStill =
    failure === 'timeout' && endedAt - startedAt > probe.deadlineMilliseconds + tolerableLagMilliseconds;
  const attempt = {
    number,
    scheduledAt,
    startedAt,
    endedAt,
    failure,
    ...(stoodStill ? { inconclusive: true as const } : {}),
  };
  finished.abort();
  onAttempt({ ...attempt, series: probe.series.name });
  if (probe.connecting) onAttempt(connectionOf(attempt, probe.connecting, connectedAt));
}

/** The same attempt as far as its connection: in time whatever became of it later. */
function connectionOf(
  attempt: Omit<Attempt, 'series'>,
  { series, deadlineMilliseconds }: NonNullable<Probe['connecting']>,
  connectedAt: number,
): Attempt {
  const latest = attempt.startedAt + deadlineMilliseconds;
  const isInTime = connectedAt <= latest;
  return {
    ...attempt,
    series: series.name,
    endedAt: isInTime ? connectedAt : Math.min(attempt.endedAt, latest),
    failure: isInTime
      ? undefined
      : connectedAt === Number.POSITIVE_INFINITY
        ? (attempt.failure ?? 'timeout')
        : 'timeout',
  };
}
