import { expect, test } from 'vitest';
import { hostPaths } from '../../src/execute/host-paths.ts';
import { lockHosts } from '../../src/execute/lock.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import type { Connect, Held } from '../../src/model/transport.ts';
import { asked } from './alpha.ts';

const never = new AbortController().signal;

test('hosts are locked in the order of their names, so that no two runs have half each, and where one is taken all others are let go', async () => {
  const acts: string[] = [];
  const lockOf = (host: string): Held => ({
    kind: 'held',
    firstLine: 'locked',
    lost: never,
    [Symbol.asyncDispose]: async () => void acts.push(`let ${host} go`),
  });
  const connect: Connect = async (host) => ({
    host,
    run: () => Promise.reject(new Error('a lock is held')),
    async hold() {
      acts.push(`lock ${host}`);
      const result = { exitCode: 75, stdout: '', stderr: '' };
      return host === 'ctl03' ? { kind: 'ended', result } : lockOf(host);
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
  const locking = lockHosts(['ctl03', 'ctl01', 'ctl02'], {
    ...{ run: 'r1', asked, connect, paths: hostPaths, clock: systemClock },
    signals: { soft: never, hard: never },
  });
  await expect(locking).rejects.toMatchObject({ code: 'locked', details: { host: 'ctl03' } });
  expect(acts).toEqual(['lock ctl01', 'lock ctl02', 'lock ctl03', 'let ctl01 go', 'let ctl02 go']);
});
