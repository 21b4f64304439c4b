import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/check.ts';
import { junitAsXml, markdownAsText, maskWith, statusReport } from '../../src/report/index.ts';
import { root } from '../support/golden.ts';

const unmasked = maskWith([]);

const dead: Finding = {
  ...{ severity: 'red', hosts: ['ctl02'], message: 'ctl02 does not answer', outage: 'host' },
  hint: 'look at its console',
};
const alone: Finding = { severity: 'red', hosts: ['ctl01'], message: 'sees 2 of 3 members' };
const old: Finding = { severity: 'warning', hosts: ['prx01'], message: 'its certificate | ends in 9 days' };

const results = [
  { check: 'host.reachable', service: 'host', title: 'every host answers', findings: [dead] },
  { check: 'galera.complete', service: 'galera', title: 'every member is Synced', findings: [alone] },
  { check: 'galera.writer', service: 'galera', title: 'one member takes writes', findings: [] },
  { check: 'cloud.certificates', service: 'certificates', title: 'certificates are valid', findings: [old] },
];

test('status as test cases and as a document: a case for each check, causes first, every table', async () => {
  const report = statusReport({
    cloud: 'lab',
    sections: [
      {
        service: 'galera',
        title: 'Galera',
        columns: ['host', 'state'],
        rows: [
          ['ctl01', 'Synced'],
          ['ctl02', ''],
        ],
      },
    ],
    health: { healthy: false, results },
    sorted: {
      causes: [
        {
          check: { name: 'host.reachable', service: 'host' },
          finding: dead,
          capacity: ['galera 2 of 3'],
          follows: [{ check: { name: 'galera.complete', service: 'galera' }, finding: alone }],
        },
      ],
      others: [{ check: { name: 'cloud.certificates', service: 'certificates' }, finding: old }],
    },
  });
  const xml = report.tests ? junitAsXml(report.tests, unmasked) : '';
  await expect(xml).toMatchFileSnapshot(`${root}/test/golden/reports/status.xml`);
  await expect(markdownAsText(report.document, unmasked)).toMatchFileSnapshot(
    `${root}/test/golden/reports/status.md`,
  );
});
