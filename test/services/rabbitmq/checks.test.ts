import { describe, expect, test } from 'vitest';
import { judgeAll } from '../../../src/model/check.ts';
import type { ObservedState } from '../../../src/model/observed.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { parseView } from '../../../src/services/rabbitmq/view.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const topology = aTopology();
const instances = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts().slice(0, 3));

const findings = (observed: ObservedState) =>
  judgeAll(rabbitmq.checks(instances, topology), observed).results.flatMap(({ check, findings: found }) =>
    found.map(({ severity, hosts, message }) => ({ check, severity, hosts: hosts.join(), message })),
  );

const hints = (observed: ObservedState) =>
  judgeAll(rabbitmq.checks(instances, topology), observed).results.flatMap(({ findings: found }) =>
    found.flatMap(({ hint }) => hint ?? []),
  );

const healthy = reply('healthy');
const everywhere = (text: string) => ({ ctl01: text, ctl02: text, ctl03: text });

describe('health', () => {
  test('three members that see each other, with their policies, are healthy', () => {
    expect(findings(observedWith(everywhere(healthy)))).toEqual([]);
  });

  test('a stopped member is blamed by itself and missed by the others', () => {
    const one = reply('one-stopped');
    const found = findings(observedWith({ ctl01: one, ctl02: one, ctl03: reply('stopped') }, 'inactive'));
    expect(found).toEqual([
      expect.objectContaining({ hosts: 'ctl01', message: 'RabbitMQ does not see ctl03 running' }),
      expect.objectContaining({ hosts: 'ctl02', message: 'RabbitMQ does not see ctl03 running' }),
      expect.objectContaining({ hosts: 'ctl03', message: 'RabbitMQ is down' }),
    ]);
  });

  test('a member whose unit runs but which answers nobody is drained or paused', () => {
    const found = findings(observedWith({ ...everywhere(healthy), ctl03: '' }));
    expect(found).toEqual([
      expect.objectContaining({ hosts: 'ctl03', message: expect.stringContaining('paused') }),
    ]);
  });

  test('a member that stands apart says why it takes nobody, and where to look', () => {
    const found = findings(observedWith({ ...everywhere(healthy), ctl03: '== apart\n' }));
    expect(found).toEqual([
      expect.objectContaining({
        severity: 'red',
        hosts: 'ctl03',
        message: expect.stringContaining('RabbitMQ on ctl03 stands apart'),
      }),
    ]);
  });

  test('a member that hangs could not be asked, and is never taken for well', () => {
    expect(findings(observedWith({ ...everywhere(healthy), ctl02: undefined }))).toEqual([
      expect.objectContaining({ check: 'rabbitmq.members', severity: 'red', hosts: 'ctl02' }),
    ]);
  });

  test('before the first deploy every member says that it is not set up', () => {
    expect(findings(observedWith(everywhere('not-installed\n'))).map(({ message }) => message)).toEqual([
      'RabbitMQ is not set up',
      'RabbitMQ is not set up',
      'RabbitMQ is not set up',
    ]);
  });

  test('a full disk is an alarm on its host', () => {
    expect(findings(observedWith(everywhere(reply('disk-alarm')))).at(0)).toMatchObject({
      check: 'rabbitmq.alarms',
      severity: 'red',
      hosts: 'ctl02',
    });
  });

  test('the guest with its known password is red', () => {
    expect(findings(observedWith(everywhere(reply('guest'))))).toEqual([
      expect.objectContaining({ check: 'rabbitmq.guest', severity: 'red' }),
    ]);
  });

  test('a partition is red on who sees it', () => {
    const cut = healthy.replace('"partitions":[]', '"partitions":["rabbit@ctl03"]');
    expect(findings(observedWith({ ...everywhere(healthy), ctl01: cut }))).toEqual([
      expect.objectContaining({ check: 'rabbitmq.partitions', hosts: 'ctl01' }),
    ]);
    // That one member keeps on record what is over.
    expect(hints(observedWith({ ...everywhere(healthy), ctl01: cut }))).toEqual([
      expect.stringMatching(/systemctl restart rabbitmq-server\S* on ctl0\d/),
    ]);
  });
});

describe('policies', () => {
  test('one that was changed by hand is red', () => {
    const changed = healthy.replace('"ha-params":2', '"ha-params":3');
    expect(findings(observedWith(everywhere(changed)))).toEqual([
      expect.objectContaining({ check: 'rabbitmq.policies', severity: 'red' }),
    ]);
  });

  test('one that is missing is red, one that is foreign is a warning', () => {
    const renamed = healthy.replace('"name":"notifications"', '"name":"mine"');
    expect(findings(observedWith(everywhere(renamed))).map(({ severity }) => severity)).toEqual([
      'red',
      'warning',
    ]);
  });
});

describe('mirrors', () => {
  test('a notification queue without a complete copy is red', () => {
    const alone = healthy.replaceAll(
      /"synchronised_slave_nodes":\["[^"]*"\]/g,
      '"synchronised_slave_nodes":[]',
    );
    expect(findings(observedWith(everywhere(alone)))).toEqual([
      expect.objectContaining({ check: 'rabbitmq.mirrors', severity: 'red' }),
    ]);
  });

  const quorum = (online: string, members = '["rabbit@ctl01","rabbit@ctl02","rabbit@ctl03"]') =>
    healthy.replace(
      /"items":\[.*?\],"page"/,
      () =>
        `"items":[{"vhost":"mcp_drill","name":"notifications.x","type":"quorum","state":"running","node":"rabbit@ctl01","members":${members},"online":${online}}],"page"`,
    );

  test('a quorum queue is safe while two of its members are there', () => {
    expect(findings(observedWith(everywhere(quorum('["rabbit@ctl01","rabbit@ctl02"]'))))).toEqual([]);
    expect(findings(observedWith(everywhere(quorum('["rabbit@ctl01"]'))))).toHaveLength(1);
  });

  test('one that lost a member and has no other yet is red: the next loss would stop it', () => {
    const two = '["rabbit@ctl01","rabbit@ctl02"]';
    expect(findings(observedWith(everywhere(quorum(two, two))))).toEqual([
      expect.objectContaining({
        check: 'rabbitmq.mirrors',
        severity: 'red',
        message: 'queue notifications.x in mcp_drill is on 2 members of RabbitMQ instead of 3',
      }),
    ]);
  });

  test('where RabbitMQ does not mirror, a classic queue of notifications is red, with who is to change', () => {
    const onFour = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts('trixie').slice(0, 3));
    const [mirrors] = rabbitmq.checks(onFour, topology).filter(({ name }) => name === 'rabbitmq.mirrors');
    expect(mirrors?.judge(observedWith(everywhere(healthy)))).toEqual([
      expect.objectContaining({
        severity: 'red',
        message:
          'queue notifications.mcp_drill.c in mcp_drill is no quorum queue, so one member alone has its messages',
        hint: expect.stringContaining('[oslo_messaging_notifications]'),
      }),
    ]);
  });
});

test.each([
  ['cut off in the middle', healthy.slice(0, 900)],
  ['an error of the API', healthy.replace(/\[\{"partitions".*/, '{"error":"Object Not Found"}')],
])('a reply that is %s counts as down', (_what, text) => {
  expect(parseView(text).kind).toBe('down');
});
