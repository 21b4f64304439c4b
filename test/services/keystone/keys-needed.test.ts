import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { programWith } from '../../../src/model/shell-program.ts';
import keysNeededText from '../../../src/services/keystone/keys-needed.sh';
import { root as repository } from '../../support/golden.ts';
import { pythonOn } from '../../support/python.ts';

// The checker of new keys, run for real beside a Keystone whose credentials are encrypted with the keys named here.
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcp-keys-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sha1 = (key: string): string => createHash('sha1').update(`${key}\n`).digest('hex');

function put(folder: string, keys: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, key] of Object.entries(keys)) writeFileSync(join(folder, name), `${key}\n`);
}

function program(name: string, script: string): string {
  const path = join(root, 'bin', name);
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Trial {
  readonly now: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly inUse: string;
}

/** Its exit code, and what it has asked Keystone. */
function checked({ now, after, inUse }: Trial): { readonly code: number | null; readonly asked: string } {
  const [keys, tree] = [join(root, 'keys'), join(root, 'tree')];
  put(keys, now);
  put(join(tree, keys), after);
  program('runuser', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
  const asks = program(
    'keystone-credential-keys',
    `echo "$*" >>"${root}/asked"; case " $* " in *" ${sha1(inUse)} "*) exit 1 ;; esac`,
  );
  writeFileSync(join(root, 'asked'), '');
  const { status } = spawnSync('sh', ['-s'], {
    input: programWith(keysNeededText, { values: { keys, program: asks, user: 'keystone' } }),
    env: { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, TREE: tree },
  });
  return { code: status, asked: readFileSync(join(root, 'asked'), 'utf8').trim() };
}

test('a rotation after which every credential was encrypted anew goes through', () => {
  const { code, asked } = checked({
    now: { '1': 'A', '2': 'B', '0': 'C' },
    after: { '1': 'B', '2': 'C', '0': 'D' },
    inUse: 'B',
  });
  expect({ code, asked }).toEqual({ code: 0, asked: sha1('A') });
});

test('keys that lack one which a credential needs are refused, whichever way they have moved', () => {
  const now = { '1': 'C', '2': 'D', '0': 'E' };
  expect(checked({ now, after: { '1': 'A', '2': 'B', '0': 'C' }, inUse: 'D' }).code).toBe(1);
  expect(checked({ now, after: { '1': 'B', '2': 'C', '0': 'D' }, inUse: 'D' }).code).toBe(0);
});

test.each([
  [
    'in use',
    '[("A", 2), ("B", 1)]',
    'credentials that nobody could read any more, since their key is not among the new ones: 2',
  ],
  ['unknown, since the database does not answer', 'None', 'the database says gone away'],
])('keys that go and are %s end in a sentence', async (_how, rows, said) => {
  const printed = await pythonOn(
    'keystone',
    `
import importlib.util, sys, types
rows = ${rows}
class DBAPIError(Exception):
    orig = 'gone away'
class Engine:
    def connect(self):
        if rows is None: raise DBAPIError()
        return self
    def __enter__(self): return self
    def __exit__(self, *ended): pass
    def execute(self, query): return rows
exc = types.SimpleNamespace(DBAPIError=DBAPIError)
sys.modules['sqlalchemy'] = types.SimpleNamespace(text=str, create_engine=lambda url: Engine(), exc=exc)
sys.modules['sqlalchemy.exc'] = exc
sys.modules['oslo_config'] = types.SimpleNamespace(cfg=None)
spec = importlib.util.spec_from_file_location('asks', '${repository}templates/keystone/keystone-credential-keys.py')
asks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(asks)
asks.database = lambda: 'url'
try:
    asks.main(['A'])
except SystemExit as ended:
    print(ended.code)
`,
  );
  expect(printed).toContain(said);
});

test('where no key goes nobody is asked: a database that is down keeps no other change from being made', () => {
  const trial = { now: { '1': 'B', '0': 'C' }, after: { '1': 'A', '2': 'B', '0': 'C' }, inUse: 'B' };
  expect(checked(trial)).toEqual({ code: 0, asked: '' });
});
