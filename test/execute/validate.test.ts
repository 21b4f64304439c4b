import { expect, test } from 'vitest';
import { validatorsOf } from '../../src/execute/validate.ts';
import type { DesiredHost } from '../../src/model/desired.ts';
import { type Batch, planWith } from '../../src/model/plan.ts';
import type { Step } from '../../src/model/step.ts';

const checker = (name: string, ...files: readonly string[]) => ({ name, program: name, files, script: '' });

const desired = {
  hosts: new Map<string, DesiredHost>([
    [
      'ctl01',
      {
        host: 'ctl01',
        services: [
          {
            service: 'haproxy',
            resources: [],
            validators: [checker('haproxy -c', '/etc/haproxy.cfg')],
            probes: [],
            data: [],
          },
          {
            service: 'keystone',
            resources: [],
            validators: [checker('uwsgi', '/etc/keystone.ini')],
            probes: [],
            data: [],
          },
        ],
      },
    ],
  ]),
};

const batch = (service: string, host: string, step: Step): Batch => ({
  ...{ id: 1, service, title: service, disruptive: false, capacity: '', leaving: [] },
  hosts: [{ host, steps: [step] }],
});

const restart: Step = {
  ...{ kind: 'unit', unit: 'keystone.service', action: 'restart' },
  record: { restart: 'a', reload: '' },
};
const swap = (path: string): Step => ({ kind: 'swap-files', paths: [path] });

test.each([
  ['acts on', [batch('keystone', 'ctl01', restart)], ['uwsgi']],
  ['writes a file of', [batch('host', 'ctl01', swap('/etc/haproxy.cfg'))], ['haproxy -c']],
  [
    'acts on and writes a file of',
    [batch('keystone', 'ctl01', swap('/etc/haproxy.cfg'))],
    ['haproxy -c', 'uwsgi'],
  ],
  ['does not touch there', [batch('keystone', 'ctl02', swap('/etc/keystone.ini'))], []],
] as const)('a checker is asked about what a run %s', (_what, batches, asked) => {
  const plan = planWith('lab', batches);
  expect(validatorsOf('ctl01', { desired, plan }).map(({ name }) => name)).toEqual(asked);
});
