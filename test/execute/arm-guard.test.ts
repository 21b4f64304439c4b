import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import armText from '../../src/execute/arm-guard.sh';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-arm-'));
  for (const each of ['programs', 'units/timers.target.wants', 'state/units'])
    mkdirSync(join(folder, each), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string): string => join(folder, path);

/** A program that says when it is run, and takes its time. */
const slow = (name: string, then: string) =>
  writeFileSync(at(`programs/${name}`), `#!/bin/sh\n: >${at(`${name}-runs`)}\nsleep 0.2\n${then}\n`, {
    mode: 0o755,
  });

async function begun(name: string): Promise<void> {
  while (!existsSync(at(`${name}-runs`))) await sleep(5);
}

const leftForTheNextBoot = (): readonly string[] =>
  readdirSync(at('units'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => !statSync(at(`units/${path}`), { throwIfNoEntry: false })?.isDirectory(),
  );

/** The arming as it runs on a host, with a group of its own, as what a connection has started there. */
function arming() {
  const values = {
    base: at('revert'),
    boot_unit: 'mcp-at-boot',
    unit_files: at('units'),
    state: at('state'),
    ...{ unit: 'mcp-revert', seconds: '60', units: '', records: '' },
  };
  const env = { ...values, PATH: `${at('programs')}:${process.env['PATH']}` };
  const child = spawn('sh', ['-c', armText], { detached: true, env, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end('exit 0\n');
  return {
    ended: once(child, 'exit'),
    hangUp: () => process.kill(-Number(child.pid), 'SIGHUP'),
  };
}

test('an arming that is hung up on, and again while it cleans up, leaves nothing for the next boot', async () => {
  slow('systemctl', 'exit 0');
  slow('systemd-run', 'exit 0');
  slow('rm', 'exec /bin/rm "$@"');
  const { ended, hangUp } = arming();
  await begun('systemd-run');
  expect(leftForTheNextBoot()).toHaveLength(3);
  hangUp();
  await begun('rm');
  hangUp();
  expect(await ended).toEqual([143, null]);
  expect(leftForTheNextBoot()).toEqual([]);
});

test('one that is not hung up on is there for the next boot', async () => {
  slow('systemctl', 'exit 0');
  slow('systemd-run', 'exit 0');
  expect(await arming().ended).toEqual([0, null]);
  expect(leftForTheNextBoot()).toHaveLength(3);
});
