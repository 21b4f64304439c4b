import { expect, test } from 'vitest';
import type { ObservedFile } from '../../src/model/observed.ts';
import { hostChange } from '../../src/plan/host-change.ts';
import { configFile } from '../../src/resources/index.ts';
import { observedHost } from '../support/observed.ts';

const list = '/etc/mcp/own-files';

test('what a list of ours names no more goes, unless something else describes it or it was never ours', () => {
  const own = configFile({ path: '/etc/kept', template: '', content: 'x' });
  const listing = configFile({ path: list, template: '', content: '/etc/kept\n', listsFiles: true });
  const found: ObservedFile = {
    ...{ kind: 'different', sha256: 'other', mode: '0644', owner: 'root', group: 'root' },
    content: '# ours\n/etc/kept\n/etc/gone\n/etc/never-applied\n',
  };
  const now = observedHost('ctl01', {
    files: new Map<string, ObservedFile>([
      [list, found],
      ['/etc/kept', { kind: 'same' }],
    ]),
    appliedFiles: new Map([
      [list, 'other'],
      ['/etc/kept', 'a'],
      ['/etc/gone', 'b'],
    ]),
  });
  const wanted = {
    host: 'ctl01',
    services: [{ service: 'own-files', resources: [own, listing], validators: [], probes: [], data: [] }],
  };
  const state = { now, first: false, closed: false, installing: false, bootstrap: undefined };
  expect(hostChange('own-files', wanted, state).steps).toEqual([
    { kind: 'swap-files', paths: [list] },
    { kind: 'remove-files', paths: ['/etc/gone'], directories: [] },
  ]);
});
