import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deploy } from './alpha.ts';
import { type LocalHost, localHost } from './local-host.ts';

/** Every `sync` and `mv` on the host, in their order. */
function writtenOn(host: LocalHost): () => readonly string[] {
  for (const name of ['sync', 'mv'])
    host.program(
      name,
      `#!/bin/sh\necho "${name} $*" >>"$LAB/written"\nPATH=${process.env['PATH']} exec ${name} "$@"\n`,
    );
  return () => host.read('written').replaceAll(`${host.root}/`, '').split('\n');
}

const inOrder = (acts: readonly string[], ...wanted: readonly string[]): readonly string[] =>
  acts.filter((act) => wanted.includes(act));

test('a power cut finds the old file or the new one, whole: on disk before it takes its place, the folder after', async () => {
  await using host = localHost();
  const written = writtenOn(host);
  await deploy(host, { value: '1' });
  const wanted = [
    'sync -- etc/.mcp-new/alpha.conf.new',
    'mv -fT -- etc/.mcp-new/alpha.conf.new etc/alpha.conf',
    'sync -- etc',
  ];
  expect(inOrder(written(), ...wanted)).toEqual(wanted);
});

test('whoever looks from time to time for newer files finds each, however long it took to put them in place', async () => {
  await using host = localHost();
  // Erlang looks for certificates that are newer than its last look, and this one is while the file is still on its way.
  host.program(
    'mv',
    `#!/bin/sh\ncase "$*" in *alpha.conf.new*) sleep 1.1; date +%s >"$LAB/looked" ;; esac\nPATH=${process.env['PATH']} exec mv "$@"\n`,
  );
  await deploy(host, { value: '1' });
  const looked = Number(host.read('looked'));
  expect(Math.floor(statSync(`${host.root}/etc/alpha.conf`).mtimeMs / 1000)).toBeGreaterThanOrEqual(looked);
});

test('a power cut finds no half record of a restart', async () => {
  await using host = localHost();
  const written = writtenOn(host);
  await deploy(host, { value: '1' });
  const acts = written();
  const renamed = acts.indexOf('mv -f -- state/record.new state/units/alpha.service');
  expect(renamed).toBeGreaterThan(0);
  expect(acts[renamed - 1]).toBe('sync state/record.new');
});
