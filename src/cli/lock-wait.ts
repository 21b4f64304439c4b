import { InvalidArgumentError, Option } from 'commander';

/** What a verb that locks hosts takes with it. */
export interface LockWaiting {
  readonly lockWait?: number | undefined;
}

/** `--lock-wait 15m`, in seconds; every verb that locks hosts has it. */
export const lockWaitOption = (): Option =>
  new Option('--lock-wait <time>', 'wait so long for another run that has the lock: 90s, 15m, 2h').argParser(
    secondsIn,
  );

/** As the workflows want it. */
export const lockWaitOf = ({ lockWait }: LockWaiting) =>
  lockWait === undefined ? {} : { lockWaitSeconds: lockWait };

const seconds = { s: 1, m: 60, h: 3600 } as const;

function secondsIn(text: string): number {
  const { amount, unit } = /^(?<amount>\d{1,5})(?<unit>[smh])$/.exec(text)?.groups ?? {};
  if (unit === 's' || unit === 'm' || unit === 'h') return Number(amount) * seconds[unit];
  throw new InvalidArgumentError('Write it as 90s, 15m or 2h.');
}
