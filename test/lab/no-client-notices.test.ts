import { beforeAll, expect, test } from 'vitest';
import { deployedLab } from './support/deployed.ts';
import { onEach } from './support/hosts.ts';
import type { LabOf } from './support/mcp.ts';
import { labWith } from './support/members.ts';
import { awaitHealthy } from './support/steady.ts';
import { expectNothingFailed, underLoad } from './support/under-load.ts';

// The short form of what the long tests do with secrets, certificates, members and whole machines.
const databases = ['ctl01', 'ctl02', 'ctl03'];
const proxies = ['prx01', 'prx02'];
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab('inventories/lab.yaml');
  await awaitHealthy(lab, 300);
});

test('an API is restarted and load balancers and proxies are reloaded, and no client notices', async () => {
  // Not taken back here: each file begins with a deploy of what it wants.
  const changed = await labWith([], (text) =>
    text
      .replace('services:\n', 'services:\n  nginx: { hstsSeconds: 77 }\n')
      .replace('placement: { processes: 1, threads: 2 }', 'placement: { processes: 1, threads: 3 }'),
  );
  const startedAt = () =>
    onEach(lab, databases, 'systemctl show -P ActiveEnterTimestampMonotonic placement-api');
  const before = await startedAt();
  const seen = await underLoad(lab, async () => {
    await changed.must('deploy', '--yes');
    const said = await onEach(lab, proxies, 'grep -c "max-age=77" /etc/nginx/nginx.conf || :');
    for (const [host, count] of Object.entries(said)) expect(Number(count), host).toBeGreaterThan(0);
    const between = await startedAt();
    for (const host of databases) expect(between[host], host).not.toBe(before[host]);
  });
  await expectNothingFailed('placement, HAProxy and Nginx are changed', seen, lab, databases);
  expect((await changed.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
});
