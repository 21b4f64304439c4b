import { expect, test } from 'vitest';
import type { Override } from '../../src/model/inventory.ts';
import { applyOverrides } from '../../src/render/index.ts';
import { configFile } from '../../src/resources/index.ts';
import { hostNamed } from '../support/topology.ts';

const host = hostNamed('ctl01', { address: '10.77.0.11', roles: ['control'] });
const file = (content: string) => configFile({ path: '/etc/x.conf', template: 'svc/x.conf.hbs', content });

const after = (content: string, ...overrides: readonly Override[]) => {
  const [changed] = applyOverrides([file(content)], {
    overrides,
    host,
    partialsOf: () => new Set(),
  });
  if (changed?.kind !== 'file') throw new Error('the file is gone');
  return changed;
};

const merge = (content: string, scope: Override['scope'] = { kind: 'all' }): Override => ({
  scope,
  what: { kind: 'merge-ini', path: '/etc/x.conf', content },
  source: `/o/${scope.kind}.ini`,
});

test('a key is replaced where it stands and comments stay', () => {
  const base = '# ours\n[mysqld]\n# why\nmax-connections = 100\nport = 1\n';
  expect(after(base, merge('[mysqld]\nmax_connections = 5\n')).content).toBe(
    '# ours\n[mysqld]\n# why\nmax_connections = 5\nport = 1\n',
  );
});

test('a new key goes to the end of its section, a new section to the end of the file', () => {
  const base = 'top = 1\n\n[a]\nx = 1\n\n[b]\ny = 1\n';
  expect(after(base, merge('top2 = 2\n[a]\nz = 2\n[c]\nflag = 1\n')).content).toBe(
    'top = 1\ntop2 = 2\n\n[a]\nx = 1\nz = 2\n\n[b]\ny = 1\n\n[c]\nflag = 1\n',
  );
});

test('a key that is given twice replaces all of its lines', () => {
  const base = '[a]\nlist = 1\nlist = 2\nlist = 3\nend = 1\n';
  expect(after(base, merge('[a]\nlist = 7\nlist = 8')).content).toBe('[a]\nlist = 7\nlist = 8\nend = 1\n');
});

test('the narrower scope wins and every source is marked', () => {
  const overrides = [merge('[a]\nx = 3', { kind: 'host', host: 'ctl01' }), merge('[a]\nx = 2')];
  expect(after('[a]\nx = 1\n', ...overrides)).toMatchObject({
    content: '[a]\nx = 3\n',
    overrides: ['/o/all.ini', '/o/host.ini'],
  });
});

test('overrides of another role, host or file change nothing', () => {
  const other: Override = { ...merge('[a]\nx = 2'), scope: { kind: 'role', role: 'proxy' } };
  const elsewhere: Override = { ...merge(''), what: { kind: 'append', path: '/etc/y', content: 'y' } };
  expect(after('[a]\nx = 1\n', other, elsewhere)).toEqual(file('[a]\nx = 1\n'));
});

test('a fragment is added below', () => {
  const what = { kind: 'append', path: '/etc/x.conf', content: 'listen heat\n' } as const;
  expect(after('defaults\n', { ...merge(''), what }).content).toBe('defaults\nlisten heat\n');
});

test('a file whose template was replaced is marked', () => {
  const what = { kind: 'replace-template', template: 'svc/x.conf', content: '' } as const;
  expect(after('x\n', { ...merge(''), what }).overrides).toEqual(['/o/all.ini']);
});

test("oslo's values go on in the next lines, and give way as a whole", () => {
  const base = '[a]\nfilters = one,\n  two\n# why\nx = 1\n';
  expect(after(base, merge('[a]\nfilters = three,\n    four\n')).content).toBe(
    '[a]\nfilters = three,\n    four\n# why\nx = 1\n',
  );
});

test('oslo takes groups for the same in whatever case, but for DEFAULT', () => {
  const base = '[DEFAULT]\nx = 1\n\n[Database]\ny = 1\n';
  expect(after(base, merge('[database]\ny = 2\n')).content).toBe('[DEFAULT]\nx = 1\n\n[Database]\ny = 2\n');
});
