import { expect, test } from 'vitest';
import { command, root } from './support/mcp.ts';

test('clients that a member of the broker keeps out are reset at once, waiting or new, and served again afterwards', async () => {
  const script = [
    'mount -t tmpfs kept-out /run',
    'ip link set lo up',
    `PYTHONPATH=${root}templates/rabbitmq/broker-watch python3 -B ${root}test/lab/kept-out.py`,
  ].join(' && ');
  const { stdout, output } = await command('unshare', ['--net', '--mount', 'sh', '-c', script]);
  // Who meets silence would have TimeoutError.
  expect(stdout.trim().split('\n'), output).toEqual([
    'marked True',
    '5672 wait ConnectionResetError',
    '5672 connect ConnectionRefusedError',
    '5671 wait ConnectionResetError',
    '5671 connect ConnectionRefusedError',
    'marked False',
    '5672 connect well',
    '5671 connect well',
  ]);
});
