import { expect, test } from 'vitest';
import retireUnitText from '../../src/execute/retire-unit.sh';
import { programWith } from '../../src/model/shell-program.ts';
import { localHost } from './local-host.ts';

/** What is done to a unit of a package that no other unit names, as systemctl hears it. */
async function retiring(loadState: string) {
  await using host = localHost();
  host.program(
    'systemctl',
    `#!/bin/sh\ncase $1 in show) echo ${loadState} ;; *) echo "$*" >>"$LAB/acts" ;; esac\n`,
  );
  const connection = await host.fleet.connect('ctl01');
  await connection.run('touch "$LAB/record" "$LAB/acts"');
  const values = { unit: 'of-test.service', record: `${host.root}/record` };
  const own = 'release_unit() { echo "release $1" >>"$LAB/acts"; }\n';
  expect(await connection.run(own + programWith(retireUnitText, { values }))).toMatchObject({ exitCode: 0 });
  expect(host.exists('record')).toBe(false);
  return (await connection.run('cat "$LAB/acts"')).stdout.split('\n').filter(Boolean);
}

test('a unit that nothing describes any more is stopped and disabled; one that is not there is left alone', async () => {
  expect(await retiring('loaded')).toEqual([
    'disable --now --quiet of-test.service',
    'reset-failed of-test.service',
  ]);
  expect(await retiring('not-found')).toEqual([]);
});

test('what a run had masked before it was cut off is released, and stays masked', async () => {
  expect(await retiring('masked')).toEqual(['release of-test.service', 'stop of-test.service']);
});
