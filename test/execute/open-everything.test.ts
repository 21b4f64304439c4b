import { expect, test } from 'vitest';
import { deploy } from './alpha.ts';
import { localHost } from './local-host.ts';

// Keystone opens each file of its folder of keys, whatever its name, and can't do without any: at every moment of a change
// there are only files that belong there, each whole.
test('who opens every file in a folder finds only those that belong there, whole, at every moment of a change', async () => {
  await using host = localHost();
  const look = `for each in "$LAB"/etc/* "$LAB"/etc/.[!.]*; do
    [ ! -f "$each" ] || printf '%s %s\\n' "\${each##*/}" "$(grep -v '^#' "$each")" >>"$LAB/seen"
  done`;
  for (const name of ['install', 'sync', 'mv', 'cp', 'rm'])
    host.program(
      name,
      `#!/bin/sh\n${look}\n(PATH=${process.env['PATH']} exec ${name} "$@"); code=$?\n${look}\nexit $code\n`,
    );
  await deploy(host, { value: '1', extra: 'extra 1\n' });
  await deploy(host, { value: '2', extra: 'extra 2\n' });
  const seen = [...new Set(host.read('seen').trim().split('\n'))].sort();
  expect(seen).toEqual([
    'alpha.conf value 1',
    'alpha.conf value 2',
    'extra.conf extra 1',
    'extra.conf extra 2',
  ]);
});

test('a signal in the middle of a change leaves nothing that waits to be put in place', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  host.program(
    'mv',
    `#!/bin/sh\ncase "$*" in *.mcp-new*) kill -TERM $PPID; sleep 0.2; exit 1 ;; esac\nPATH=${process.env['PATH']} exec mv "$@"\n`,
  );
  const { failure } = await deploy(host, { value: '2' });
  expect(failure).toBeDefined();
  expect(host.exists('etc/.mcp-new')).toBe(false);
  expect(host.read('etc/alpha.conf')).toContain('value 1');
});

test('what a kill has left there is gone once the change is taken up', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  host.program(
    'mv',
    `#!/bin/sh\ncase "$*" in *.mcp-new*) kill -KILL $PPID; exit 1 ;; esac\nPATH=${process.env['PATH']} exec mv "$@"\n`,
  );
  await deploy(host, { value: '2' });
  expect(host.exists('etc/.mcp-new/alpha.conf.new')).toBe(true);
  host.program('mv', `#!/bin/sh\nPATH=${process.env['PATH']} exec mv "$@"\n`);
  await deploy(host, { value: '2' });
  expect(host.exists('etc/.mcp-new')).toBe(false);
  expect(host.read('etc/alpha.conf')).toContain('value 2');
});
