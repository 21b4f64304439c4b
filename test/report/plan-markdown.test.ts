import { expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { Secret } from '../../src/model/secret.ts';
import { markdownAsText, maskWith, planAsDocument, planDiff } from '../../src/report/index.ts';
import { root } from '../support/golden.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';

const unmasked = maskWith([]);
const written = (plan: Plan, diff = ''): string => markdownAsText(planAsDocument(plan, diff), unmasked);

const cloud = simulatedCloud({ unitFile: 2, comment: 2 });
const rolling = cloud.plan(deployedHosts());
const diffOf = (mask = unmasked): string =>
  planDiff(
    { plan: rolling, desired: cloud.desired, observed: observe(deployedHosts(), cloud.desired) },
    mask,
  );

test('a rolling change as a reviewer sees it: batches, what is left meanwhile, files with their hosts, the difference', async () => {
  await expect(written(rolling, diffOf())).toMatchFileSnapshot(`${root}/test/golden/reports/plan.md`);
});

test('who reviews a plan is told first why it is refused, who is left out and who leaves', () => {
  const text = written({
    ...rolling,
    refusals: [
      { kind: 'degraded', host: 'ctl01', message: 'ctl01: <b> | is down', hint: 'bring it back' },
      { kind: 'drift', host: 'ctl02', message: 'ctl02: /etc/a_b was edited', hint: 'use --overwrite-drift' },
    ],
    missing: [{ host: 'ctl03', kind: 'silent', reason: 'does not answer', capacity: ['galera 2 of 3'] }],
    departures: [{ host: 'old01', kind: 'gives-up', services: ['galera'] }],
  });
  const [, before = ''] = /^(.*?)\n\| batch/s.exec(text) ?? [];
  expect(before.trimEnd()).toBe(`## lab: 13 files, 3 unit actions on 5 hosts in 5 batches

### Refused

- ctl01: &lt;b&gt; \\| is down → bring it back
- ctl02: /etc/a\\_b was edited → use --overwrite-drift

### Left out

- ctl03 does not answer; meanwhile galera 2 of 3; the next run catches it up

### Leaving

- old01 gives up galera and stays`);
});

test('a file that somebody else has edited is marked', () => {
  const [first] = rolling.changes;
  if (first === undefined) throw new Error('nothing changes');
  const edited = { ...first, edited: true, overrides: ['overrides/all/base.conf'] };
  expect(written({ ...rolling, changes: [edited] })).toContain(
    '| edited by someone else since the last run: would be overwritten; with overrides/all/base.conf |',
  );
});

test('nothing to change is one line', () => {
  expect(written(simulatedCloud().plan(deployedHosts()))).toBe('## lab: nothing to change\n');
});

test('no secret is in the difference', () => {
  const mask = maskWith([new Secret('explained 2 times'), new Secret('cluster.service')]);
  const text = markdownAsText(planAsDocument(rolling, diffOf(mask)), mask);
  expect(text).not.toContain('explained 2 times');
  expect(text).not.toContain('cluster.service');
});

test('of a difference that is too long for a comment the plan itself stays whole', () => {
  const plan = cloud.plan(freshHosts);
  const text = written(plan, '+a line of a file\n'.repeat(100_000));
  expect(text.length).toBeLessThanOrEqual(65_536);
  for (const { title } of plan.batches) expect(text).toContain(`| ${title} |`);
  expect(text).toMatch(/\*\d+ more lines are left out: GitHub takes 65,536 characters in a comment\.\*\n$/);
});
