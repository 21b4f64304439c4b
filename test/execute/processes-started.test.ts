import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import enableUnitText from '../../src/execute/enable-unit.sh';
import swapText from '../../src/execute/swap-files.sh';
import takeUpText from '../../src/execute/take-up.sh';
import { programWith } from '../../src/model/shell-program.ts';
import { sha256 } from '../../src/resources/index.ts';

// A host that is busy, or virtual twice over, takes ten milliseconds to start a process: what the programs of a deploy start
// is most of what they cost.
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcp-processes-'));
  for (const folder of ['programs', 'etc', 'run/before', 'run/stage', 'state/units'])
    mkdirSync(join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);

/** Has starts of these programs counted; without words of its own each is that of this machine. */
function counted(names: readonly string[], instead = '') {
  for (const name of names) {
    const then = instead === '' ? `PATH=\${PATH#*:} exec ${name} "$@"` : instead;
    writeFileSync(at(`programs/${name}`), `#!/bin/sh\necho "${name} $*" >>${at('started')}\n${then}\n`, {
      mode: 0o755,
    });
  }
}

const started = (): readonly string[] =>
  existsSync(at('started')) ? readFileSync(at('started'), 'utf8').trim().split('\n') : [];

const run = (program: string): string =>
  execFileSync('sh', ['-s'], {
    ...{ input: program, encoding: 'utf8' },
    env: { ...process.env, PATH: `${at('programs')}:${process.env['PATH']}` },
  });

test('what is enabled has systemd read its unit files again once, and not with each of the commands', () => {
  counted(['systemctl'], 'exit 0');
  run(programWith(enableUnitText, { values: { unit: 'nova-api.service' } }));
  const [last, ...before] = started().toReversed();
  expect(last).toBe('systemctl daemon-reload');
  expect(before.filter((line) => !line.includes('--no-reload'))).toEqual([]);
});

test('twenty more files cost two processes each', () => {
  counted(['rm', 'mkdir', 'install', 'cp', 'find', 'sync', 'touch', 'cut', 'tr', 'cat', 'sort', 'mv']);
  const costOf = (count: number): number => {
    const before = started().length;
    const paths = Array.from({ length: count }, (_, index) => at(`etc/${count}-${index % 4}/${index}.conf`));
    for (const path of paths) {
      mkdirSync(dirname(`${at('run/stage')}${path}`), { recursive: true });
      writeFileSync(`${at('run/stage')}${path}`, path);
    }
    const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
    const values = {
      ...{ folder: at('run'), state: at('state'), forgets: '' },
      files: paths.map((path) => `0644 ${userInfo().username} ${group} ${path}`).join('\n'),
      hashes: paths.map((path) => `${sha256(path)}  ${path}`).join('\n'),
    };
    run(programWith(swapText, { values, words: paths }));
    expect(paths.every((path) => readFileSync(path, 'utf8') === path)).toBe(true);
    return started().length - before;
  };
  costOf(1);
  expect(costOf(24) - costOf(4)).toBeLessThanOrEqual(40);
});

test('who waits for a step starts nothing meanwhile', () => {
  counted(['sleep', 'flock']);
  counted(['systemctl'], 'exit 0');
  counted(
    ['systemd-run'],
    'while case $1 in --*) ;; *) false ;; esac do shift; done; setsid "$@" >/dev/null 2>&1 </dev/null &',
  );
  const values = {
    ...{ folder: at('run'), id: '1-1', title: 'take a while', unit: 'mcp-r1-1-1', seconds: 60 },
    ...{ not_started_code: 251, cut_off_code: 252 },
  };
  const script = 'i=0; while [ $i -lt 3 ]; do /bin/sleep 1; i=$((i+1)); done; echo done';
  const program = programWith(takeUpText, { values });
  const said = execFileSync('sh', ['-c', program], {
    ...{ input: script, encoding: 'utf8' },
    env: { ...process.env, PATH: `${at('programs')}:${process.env['PATH']}` },
  });
  expect(said.trim()).toBe('done');
  // Three seconds of asking every 50 ms were eighty.
  expect(started().length).toBeLessThan(20);
});
