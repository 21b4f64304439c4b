import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openPorts } from '../lab/support/open-ports.ts';

test('README lists the ports that the lab is scanned for, and no others', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /\| port \| answers on[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)/.exec(readme) ?? [];
  const listed = table
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [, ports = '', places = ''] = row.split('|').map((cell) => cell.trim());
      return ports.split(', ').flatMap((port) => places.split(', ').map((place) => `${place}:${port}`));
    });
  const scanned = Object.entries(openPorts).flatMap(([place, ports]) =>
    ports.map((port) => `${place}:${port}`),
  );
  expect(listed.toSorted()).toEqual(scanned.toSorted());
});
