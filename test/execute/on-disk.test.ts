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
    'sync etc/alpha.conf.mcp-new',
    'mv -fT -- etc/alpha.conf.mcp-new etc/alpha.conf',
    'sync etc',
  ];
  expect(inOrder(written(), ...wanted)).toEqual(wanted);
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
