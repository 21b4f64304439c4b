import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { connectionOver } from '../../src/transport/connection.ts';
import { usualPatience } from '../../src/transport/patience.ts';
import { holdShell, type Shell } from '../../src/transport/shell.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A shell that ends, with `code`, when its stdin does. */
function shell(code = 0): Shell & { readonly stdin: PassThrough; readonly stdout: PassThrough } {
  const stdin = new PassThrough();
  const ended = new Promise<number>((resolve) => stdin.on('finish', () => resolve(code)));
  return { stdin, stdout: new PassThrough(), stderr: new PassThrough(), ended, abandon: () => undefined };
}

test('what a host holds for us hears of us every fifteen seconds: it lets go after two minutes of silence', async () => {
  vi.useFakeTimers();
  const holding = shell();
  const held = holdShell(holding, usualPatience);
  holding.stdout.write('locked\n');
  expect(await held).toMatchObject({ kind: 'held', firstLine: 'locked' });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(String(holding.stdin.read())).toBe('alive\n'.repeat(8));
});

test('no more than eight shells at a time: sshd refuses the eleventh, and locks are held beside them', async () => {
  let now = 0;
  let most = 0;
  const connection = connectionOver({
    host: 'ctl01',
    async startShell() {
      most = Math.max(most, ++now);
      const started = shell();
      void started.ended.then(() => {
        now -= 1;
      });
      return started;
    },
    close: async () => undefined,
  });
  await Promise.all(Array.from({ length: 20 }, () => connection.run('true')));
  expect(most).toBe(8);
});
