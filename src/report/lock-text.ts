import { type HostLock, holderInWords, type SeenLock } from '../model/lock.ts';
import { type Paint, plain } from './paint.ts';
import { jsonVersion } from './plan-json.ts';
import { tableAsText } from './table.ts';

/** The lock of every host: who has it, since when, from where, and whether it was heard of. */
export function locksAsText(locks: readonly SeenLock[], paint: Paint = plain): string {
  const rows = locks.map((lock): readonly string[] => [lock.host, ...cellsOf(lock)]);
  return tableAsText(['host', 'lock', 'last heard', 'steps that live', 'by'], rows, paint);
}

/** Whose locks are about to be broken. */
export const brokenLocksAsText = (held: readonly HostLock[], paint: Paint = plain): string =>
  [paint.bold('locks to break'), ...held.map((lock) => `${lock.host}  ${whose(lock)}`)].join('\n');

/** The same for machines. */
export const locksAsJson = (locks: readonly SeenLock[]): object => ({
  type: 'locks',
  version: jsonVersion,
  hosts: locks.map((lock) =>
    lock.state === 'unknown'
      ? { host: lock.host, state: lock.state, reason: lock.failure.message }
      : {
          ...{ host: lock.host, state: lock.state, holder: lock.holder ?? null },
          silentSeconds: lock.state === 'held' ? lock.silentSeconds : null,
          steps: lock.units,
        },
  ),
});

function cellsOf(lock: SeenLock): readonly string[] {
  if (lock.state === 'unknown') return ['unknown', '', '', lock.failure.message.split('\n')[0] ?? ''];
  const heard = lock.state === 'held' ? `${lock.silentSeconds} s ago` : '';
  return [lock.state === 'free' ? 'free' : 'held', heard, lock.units.join(' '), whose(lock)];
}

function whose({ state, holder, words }: HostLock): string {
  switch (state) {
    case 'free':
      return '';
    case 'held':
      return holder === undefined ? `run ${words}` : holderInWords(holder);
    case 'earlier-version':
      return words;
    case 'stranger':
      return 'something that is no run of mcp';
  }
}
