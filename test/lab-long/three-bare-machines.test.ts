import { afterAll, expect, test } from 'vitest';
import { freshLab } from '../lab/support/deployed.ts';
import { type LabOf, mcp, mustSucceed, root } from '../lab/support/mcp.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { variantOf } from '../lab/support/variant.ts';

const inventory = 'inventories/three.yaml';
const hosts = ['node01', 'node02', 'node03'];
let lab: LabOf | undefined;

afterAll(async () => {
  await lab?.must('lab down');
});

test('three bare machines that carry every role get every package, and no daemon is started by one', async () => {
  await mustSucceed('secrets', 'init', '-i', inventory);
  await mustSucceed('certs', 'init', '-i', inventory);
  const variant = await variantOf(inventory, (text) =>
    text.replace(/^lab: \{ name: ([\w-]+)/m, `lab: { name: $1, directory: ${root}.lab, image: bare`),
  );
  await mcp('lab', 'down', '-i', inventory);
  lab = await freshLab(variant.inventory);
  for (const host of hosts) {
    expect(await lab.on(host, 'dpkg -l mariadb-server haproxy nginx 2>/dev/null | grep -c ^ii || true')).toBe(
      '0',
    );
  }
  // The first package that wants a user can't get one: its script fails among the others, and is tried again.
  const tool = '/usr/sbin/adduser';
  await lab.on(
    'node02',
    `mv ${tool} ${tool}.aside && printf '#!/bin/sh\\nmv -f "$0.aside" "$0"\\nexit 1\\n' >${tool} && chmod 755 ${tool}`,
  );
  await lab.must('deploy', '--yes');
  expect(await lab.on('node02', `ls ${tool}.aside 2>/dev/null || echo used`)).toBe('used');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 0 });
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  for (const host of hosts) {
    // A package that starts its daemon leaves a start in the journal: none of Debian's own HAProxy, and of the database
    // only the one that is ours.
    const starts = (unit: string) => `journalctl -q -o cat -u ${unit} | grep -c '^Started' || true`;
    expect(await lab.on(host, starts('haproxy.service')), host).toBe('0');
    expect(await lab.on(host, starts('mariadb.service')), host).toBe('1');
    expect(await lab.on(host, 'ls /usr/sbin/policy-rc.d 2>/dev/null || true'), host).toBe('');
  }
});

test('one of the three machines loses its power: the others serve on, and it comes back by itself', async () => {
  if (lab === undefined) throw new Error('the lab is not up');
  const page = 'curl -s -o /dev/null -w "%{http_code}" --max-time 5 -k https://10.78.0.102/auth/login/';
  await lab.must('lab power-off', 'node01');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 8 });
  expect(await lab.on('node02', `command -v curl >/dev/null && ${page} || echo no curl`)).toBe('200');
  await lab.must('lab power-on', 'node01');
  // Each machine of the lab has half of this one's processors, and makes way for the others while it boots. Loading what
  // this one carries takes a processor 85 s, all of its boot 110 s with nobody looking; on processors that are half as
  // fast, as they are at times, twice that; a look takes up to 20 s then.
  await awaitHealthy(lab, 240);
});
