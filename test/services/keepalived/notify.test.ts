import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../support/golden.ts';

const text = readFileSync(join(root, 'templates/keepalived/vrrp-notify.sh'), 'utf8');

/** Calls the program for one state after the other, as Keepalived does: without waiting for an end. */
async function told(states: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-notify-'));
  try {
    const program = join(folder, 'vrrp-notify');
    writeFileSync(program, text.replaceAll('/run/mcp', folder));
    // Nobody gets on before all have been called.
    const holder = spawn('flock', [join(folder, 'vrrp-database.lock'), 'sh', '-c', 'echo held; read -r _']);
    await once(holder.stdout, 'data');
    const calls = states.map((state) =>
      once(spawn('sh', [program, '-', 'INSTANCE', 'database', state, '100']), 'close'),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    holder.stdin.end('\n');
    await Promise.all(calls);
    return readFileSync(join(folder, 'vrrp-database'), 'utf8').trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('of two states that follow at once the later one stays on record, whichever of their programs ends last', async () => {
  for (let time = 0; time < 5; time += 1) {
    expect(await told(['FAULT', 'BACKUP'])).toBe('BACKUP');
    expect(await told(['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER'])).toBe('MASTER');
  }
});
