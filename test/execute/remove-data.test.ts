import { expect, test } from 'vitest';
import removeDataText from '../../src/execute/remove-data.sh';
import { programWith } from '../../src/model/shell-program.ts';
import { localHost } from './local-host.ts';

test('data goes with its folder, and out of a file system of its own', async () => {
  await using host = localHost();
  const connection = await host.fleet.connect('ctl01');
  await connection.run('cd "$LAB" && mkdir -p mnesia/a mysql/b && echo x >mysql/.hidden');
  host.program('mountpoint', '#!/bin/sh\ncase $2 in */mysql) exit 0 ;; esac\nexit 1\n');
  const words = [`${host.root}/mnesia`, `${host.root}/mysql`, `${host.root}/never-there`];
  expect(await connection.run(programWith(removeDataText, { words }))).toMatchObject({ exitCode: 0 });
  expect(host.exists('mnesia')).toBe(false);
  expect(host.exists('mysql')).toBe(true);
  expect((await connection.run('ls -A "$LAB/mysql"')).stdout).toBe('');
});
