import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { McpError } from '../../src/model/failure.ts';
import { Secret } from '../../src/model/secret.ts';
import { refuseOutdated, sealPlan } from '../../src/workflows/saved-plan.ts';
import { readPlanFile, writePlanFile } from '../../src/workflows/saved-plan-file.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';

const poison = 'poison-of-a-secret';
const cloudWith = (password: string) => {
  const cloud = simulatedCloud({ restart: 2 });
  return {
    ...cloud,
    topology: { ...cloud.topology, secrets: new Map([['galera.root', new Secret(password)]]) },
  };
};
const cloud = cloudWith(poison);
const now = new Date('2026-01-01T00:00:00Z');
const commit = { hash: 'a'.repeat(40), committedAt: '2026-01-01T10:00:00Z', dirty: true };
const asked = { verb: 'plan', by: 'tester', from: 'workstation', job: 'https://ci/7', commit };
const planned = { plan: cloud.plan(deployedHosts()) };

async function saved(work: (file: string) => Promise<void>, options = {}): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-plan-'));
  try {
    await writePlanFile(join(folder, 'plan'), sealPlan(cloud, planned, { asked, options, now }));
    await work(join(folder, 'plan'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const failure = (act: () => unknown): McpError | undefined => {
  try {
    act();
  } catch (thrown) {
    return thrown as McpError;
  }
  return undefined;
};

test('a saved plan comes back as it was, with its options, for this user alone, and is carried out', () =>
  saved(
    async (file) => {
      const read = await readPlanFile(file);
      expect(read.saved.options).toEqual({ limit: ['ctl01'], purge: true });
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(failure(() => refuseOutdated(read, cloud, planned))).toBeUndefined();
    },
    { limit: ['ctl01'], purge: true },
  ));

test('no secret, no content of a file and no plain hash of one is in it', () =>
  saved(async (file) => {
    const text = await readFile(file, 'utf8');
    expect(text).toContain('/etc/cluster.conf');
    expect(text).not.toContain(poison);
    expect(text).not.toContain('version = ');
    for (const { before = '', after } of planned.plan.changes) {
      expect(text).not.toContain(after);
      expect(text).not.toContain(before);
    }
  }));

test('one that was changed by hand, or made with other secrets, is stale; nothing of it is believed', () =>
  saved(async (file) => {
    const read = await readPlanFile(file);
    const other = cloudWith('rotated');
    const stale = { code: 'stale-plan', message: expect.stringContaining('other secrets') };
    expect(failure(() => refuseOutdated(read, other, planned))).toMatchObject(stale);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"purge": false', '').replaceAll('restart', 'retire'));
    const tampered = await readPlanFile(file);
    expect(failure(() => refuseOutdated(tampered, cloud, planned))).toMatchObject(stale);
  }));

test('what is due has changed: each reason is told, and what to do', () =>
  saved(async (file) => {
    const read = await readPlanFile(file);
    const first = { plan: cloud.plan(freshHosts) };
    const refusal = failure(() => refuseOutdated(read, cloud, first));
    expect(refusal).toMatchObject({
      code: 'stale-plan',
      details: { hint: expect.stringContaining('mcp plan') },
    });
    expect(refusal?.message).toContain('/etc/front.cfg was as it should be, and is not any more');
    expect(refusal?.message).toMatch(/and \d+ more$/);
  }));

test.each([
  ['something else', '{"type":"plan"}', 'is no plan that was saved'],
  ['no JSON', 'cloud: lab', 'is no plan that was saved'],
  ['a later format', '{"type":"saved-plan","seal":"","saved":{"format":9,"program":"9.1"}}', 'by mcp 9.1'],
  ['half of one', '{"type":"saved-plan","seal":"","saved":{"format":1,"program":"1"}}', 'is damaged'],
])('%s is told as what it is', async (_what, text, words) => {
  await saved(async (file) => {
    await writeFile(file, text);
    await expect(readPlanFile(file)).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining(words),
    });
  });
});

test('a file that is not there, and a folder where one is to be, are mistakes of the operator', async () => {
  await expect(readPlanFile('/no/such/plan')).rejects.toMatchObject({ code: 'invalid-arguments' });
  await saved(async (file) => {
    await chmod(file, 0o600);
    const folder = file.slice(0, file.lastIndexOf('/'));
    const sealed = sealPlan(cloud, planned, { asked, options: {}, now });
    await expect(writePlanFile(folder, sealed)).rejects.toMatchObject({ code: 'invalid-arguments' });
  });
});
