import { expect, test } from 'vitest';
import { foundIn, type Health } from '../../src/model/check.ts';
import { McpError } from '../../src/model/failure.ts';
import {
  bugAsText,
  checkAsText,
  diagnosticsAsText,
  failureAsText,
  paintFor,
  statusAsJson,
  statusAsText,
  tableAsText,
} from '../../src/report/index.ts';

const health: Health = {
  healthy: false,
  results: [
    { check: 'galera.primary', service: 'galera', title: 'one Primary component', findings: [] },
    {
      check: 'galera.complete',
      service: 'galera',
      title: 'every member is in it',
      findings: [
        {
          severity: 'red',
          hosts: ['ctl02', 'ctl03'],
          message: 'is not Synced',
          hint: 'wait, or look at its log',
        },
        { severity: 'warning', hosts: [], message: 'replication is not encrypted' },
      ],
    },
  ],
};
const status = {
  cloud: 'lab',
  sections: [
    {
      title: 'VIPs',
      service: 'keepalived',
      columns: ['VIP', 'holder'],
      rows: [
        ['control', 'ctl01'],
        ['public', 'prx02'],
      ],
    },
  ],
  health,
  sorted: { causes: [], others: foundIn(health) },
};

test('a status shows tables, findings with what to do, and ends in one verdict', () => {
  expect(statusAsText(status)).toBe(`VIPs
VIP      holder
control  ctl01
public   prx02

Findings
✗ galera.complete  ctl02, ctl03: is not Synced
  → wait, or look at its log
! galera.complete  replication is not encrypted

lab is degraded: 1 of 2 checks failed, 1 warning`);
});

test('a healthy status says so in its last line', () => {
  const healthy = { ...status, health: { healthy: true, results: health.results.slice(0, 1) } };
  expect(statusAsText(healthy).split('\n').at(-1)).toBe('lab is healthy: 1 check');
});

test('a status as JSON has its tables as objects', () => {
  expect(statusAsJson(status)).toMatchObject({
    version: 1,
    healthy: false,
    sections: [
      {
        title: 'VIPs',
        rows: [
          { VIP: 'control', holder: 'ctl01' },
          { VIP: 'public', holder: 'prx02' },
        ],
      },
    ],
  });
});

test('the machines check has a row a host and each advice once', () => {
  expect(checkAsText(health)).toBe(`host   check            status   message
all    galera.primary   ok       one Primary component
ctl02  galera.complete  failed   is not Synced
ctl03  galera.complete  failed   is not Synced
all    galera.complete  warning  replication is not encrypted

What to do
→ wait, or look at its log

not ready: 1 problem, 1 warning`);
});

test('what could not be looked at on hosts that do not answer is one row a check', () => {
  const hosts = ['ctl02', 'ctl03'];
  const silent = {
    healthy: false,
    results: [
      {
        service: 'host',
        check: 'preflight.reachable',
        title: 'every host answers',
        findings: hosts.map((host) => ({
          severity: 'red' as const,
          hosts: [host],
          message: `${host} does not answer`,
          hint: 'switch it on',
        })),
      },
      ...['preflight.clock', 'preflight.disk'].map((check) => ({
        check,
        service: 'host',
        title: 'as it should be',
        findings: [
          {
            severity: 'red' as const,
            hosts,
            message: 'not looked at: no answer',
            hint: 'bring the hosts within reach first',
          },
        ],
      })),
    ],
  };
  const rows = checkAsText(silent).split('\n\n')[0]?.split('\n');
  expect(rows?.slice(1).map((row) => row.split(/ {2,}/))).toEqual([
    ['ctl02', 'preflight.reachable', 'failed', 'ctl02 does not answer'],
    ['ctl03', 'preflight.reachable', 'failed', 'ctl03 does not answer'],
    ['2 hosts', 'preflight.clock', 'failed', 'not looked at: no answer'],
    ['2 hosts', 'preflight.disk', 'failed', 'not looked at: no answer'],
  ]);
});

test('a table is aligned by what is seen, colours aside', () => {
  const paint = paintFor(true);
  const [, first, second] = tableAsText(
    ['a', 'b'],
    [
      [paint.red('x'), '1'],
      ['long', '2'],
    ],
  ).split('\n');
  expect(first?.endsWith('     1')).toBe(true);
  expect(second).toBe('long  2');
});

test('diagnostics stand in the order of the file, each with its place and its remedy', () => {
  const shared = { file: 'lab.yaml', column: 7 };
  const text = diagnosticsAsText([
    { ...shared, severity: 'warning', line: 20, path: [], message: 'both proxies share rack a' },
    {
      ...shared,
      severity: 'error',
      line: 14,
      path: ['services', 'haproxy', 'listen', 0, 'port'],
      message: 'must be at most 65535',
      hint: 'choose another port',
    },
  ]);
  expect(text).toBe(`lab.yaml:14:7 error services.haproxy.listen[0].port: must be at most 65535
    → choose another port
lab.yaml:20:7 warning both proxies share rack a`);
});

test('a failure names host, command, cause and what to do', () => {
  const cause = new Error('handshake failed', { cause: new Error('ECONNREFUSED') });
  const text = failureAsText(
    new McpError('unreachable', 'no answer on port 22', {
      host: 'ctl01',
      command: 'ssh ctl01',
      hint: 'power it on',
      cause,
    }),
  );
  expect(text).toBe(`✗ ctl01: no answer on port 22
  command: ssh ctl01
  cause: handshake failed
  cause: ECONNREFUSED
  → power it on`);
});

test('a bug is owned up to, with its stack', () => {
  expect(bugAsText(new Error('boom'))).toMatch(/this is a bug in mcp[\s\S]*boom[\s\S]*at /);
});
