import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { everyHost, hostsNow, rollingChange } from '../lab/support/rolling-change.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(() => leaveLab(lab));

/** What is in every file that mcp manages. */
const contents = () =>
  onEach(
    lab,
    everyHost,
    `awk '{ print $2 }' /var/lib/mcp/files | sort | while read -r path; do sha256sum "$path"; done`,
  );

test('a run of every kind of step is taken back under load: every file is as before, and no request fails', async () => {
  const [before, after] = [await rollingChange(901), await rollingChange(902)];
  await before.lab.must('deploy', '--yes');
  const was = await contents();
  expect(was['ctl01']?.split('\n').length).toBeGreaterThan(20);
  const changed = await underLoad(lab, async () => {
    await after.lab.must('deploy', '--yes');
  });
  await expectNothingFailed('what is taken back later', changed, lab, databases);
  expect(await contents()).not.toEqual(was);

  const history = await after.lab.must('history', '--json');
  const { runs } = JSON.parse(history.stdout);
  const { run, hosts, ended } = runs.at(-1);
  expect([hosts.toSorted(), ended]).toEqual([everyHost, 'steps-done']);
  const shown = await after.lab.must('show', run);
  for (const words of [...everyHost, 'keystone', '/etc/nginx/nginx.conf'])
    expect(shown.output).toContain(words);

  const since = await hostsNow(lab);
  let said = '';
  const seen = await underLoad(lab, async () => {
    said = (await after.lab.must('rollback', run, '--yes')).output;
  });
  console.log(said);
  await expectNothingFailed('taken back', seen, lab, databases);
  expect(await contents()).toEqual(was);
  expect(await before.wrong(since)).toEqual([]);
  expect((await before.lab.mcp('status')).exitCode).toBe(0);
  expect((await after.lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(2);
  expect((await before.lab.must('history')).output).toContain('rollback');
});
