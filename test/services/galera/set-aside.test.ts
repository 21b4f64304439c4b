import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { programWith } from '../../../src/model/shell-program.ts';
import setAsideText from '../../../src/services/galera/set-aside.sh';
import { type LocalHost, localHost } from '../../execute/local-host.ts';

/** A member's data with a table, in a folder or in a file system of its own. */
async function aMember({ mounted }: { readonly mounted: boolean }): Promise<LocalHost> {
  const host = localHost();
  const connection = await host.fleet.connect('ctl02');
  await connection.run(
    'cd "$LAB" && mkdir -p mysql/cinder "mysql/a blank" && echo x >mysql/cinder/volumes.ibd',
  );
  for (const name of ['ibdata1', 'grastate.dat', 'ib_logfile0', '.hidden']) host.write(`mysql/${name}`, name);
  host.program('mountpoint', `#!/bin/sh\nexit ${mounted ? 0 : 1}\n`);
  // Who owns it takes root to say.
  host.program('install', '#!/bin/sh\nmkdir -p "$LAB/mysql"\n');
  return host;
}

const setAside = async (host: LocalHost) =>
  (await host.fleet.connect('ctl02')).run(
    programWith(setAsideText, { values: { data: `${host.root}/mysql` } }),
  );

const inFolder = (host: LocalHost, name: string) => readdirSync(`${host.root}/${name}`).sort();
const all = ['.hidden', 'a blank', 'cinder', 'grastate.dat', 'ib_logfile0', 'ibdata1'];

test.each([{ mounted: false }, { mounted: true }])(
  'data is kept whole under another name, and an empty folder is left ($mounted)',
  async (where) => {
    await using host = await aMember(where);
    if (where.mounted) await (await host.fleet.connect('ctl02')).run('mkdir "$LAB/mysql/lost+found"');
    expect(await setAside(host)).toMatchObject({
      exitCode: 0,
      stdout: `what was there is in ${host.root}/mysql.aside.1\n`,
    });
    expect(inFolder(host, 'mysql.aside.1')).toEqual(all);
    expect(host.read('mysql.aside.1/cinder/volumes.ibd')).toBe('x\n');
    expect(inFolder(host, 'mysql')).toEqual(where.mounted ? ['lost+found'] : []);
    expect(await setAside(host)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(host.exists('mysql.aside.2')).toBe(false);
  },
);

test('data in a file system of its own stays where it is when it has no room beside it', async () => {
  await using host = await aMember({ mounted: true });
  host.program('df', '#!/bin/sh\nprintf "Filesystem 1024-blocks Used Available\\n/dev/x 9 8 1\\n"\n');
  const { exitCode, stderr } = await setAside(host);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('make room there');
  expect(inFolder(host, 'mysql')).toEqual(all);
});

test('cut off while it copied, the next one copies all of it', async () => {
  await using host = await aMember({ mounted: true });
  const connection = await host.fleet.connect('ctl02');
  await connection.run('mkdir "$LAB/mysql.copied-aside" && echo half >"$LAB/mysql.copied-aside/ibdata1"');
  expect(await setAside(host)).toMatchObject({ exitCode: 0 });
  expect(host.read('mysql.aside.1/ibdata1')).toBe('ibdata1');
  expect(host.exists('mysql.copied-aside')).toBe(false);
});

test('cut off while it emptied, nothing that was kept is lost', async () => {
  await using host = await aMember({ mounted: true });
  host.program('mv', '#!/bin/sh\ncase "$*" in *ibdata1*) exit 9 ;; esac\nexec /bin/mv "$@"\n');
  expect((await setAside(host)).exitCode).not.toBe(0);
  host.program('mv', '#!/bin/sh\nexec /bin/mv "$@"\n');
  expect(await setAside(host)).toMatchObject({ exitCode: 0 });
  expect(inFolder(host, 'mysql.aside.1')).toEqual(all);
  expect(inFolder(host, 'mysql')).toEqual([]);
});
