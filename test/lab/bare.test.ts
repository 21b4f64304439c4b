import { afterAll, expect, test } from 'vitest';
import { labOf, mcp, mustSucceed, root } from './support/mcp.ts';
import { variantOf } from './support/variant.ts';

const inventory = 'inventories/three.yaml';

let bare = '';
afterAll(async () => {
  if (bare !== '') await mcp('lab', 'down', '-i', bare);
});

test('hosts with nothing but Debian and sshd get every package, and no daemon is started by its package', async () => {
  await mustSucceed('secrets', 'init', '-i', inventory);
  await mustSucceed('certs', 'init', '-i', inventory);
  const variant = await variantOf(inventory, (text) =>
    text.replace(/^lab: \{ name: ([\w-]+)/m, `lab: { name: $1, directory: ${root}.lab, image: bare`),
  );
  bare = variant.inventory;
  await mcp('lab', 'down', '-i', inventory);
  const lab = labOf(bare);
  await lab.must('lab up');
  const [first = ''] = (await lab.must('lab status', '--json')).stdout.match(/(?<="name":")[a-z]+\d+/) ?? [];
  expect(await lab.on(first, 'dpkg -l mariadb-server haproxy 2>/dev/null | grep -c ^ii || true')).toBe('0');
  await lab.must('deploy', '--yes');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 0 });
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  // Debian's own haproxy.service would have been started by its package: its first start stands in the journal.
  const starts = await lab.on(first, `journalctl -q -o cat -u haproxy.service | grep -c '^Started' || true`);
  expect(starts).toBe('0');
  expect(await lab.on(first, 'test -e /usr/sbin/policy-rc.d && echo left || echo gone')).toBe('gone');
});
