import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installScript } from '../../src/execute/install-packages.ts';
import { type LocalHost, localHost } from './local-host.ts';

const whole = { installs: [0], configures: [0], halfInstalled: false };

test.each([
  { name: 'all goes well', ...whole, exitCode: 0, calls: ['configure', 'update', 'install'] },
  {
    name: 'what a killed run left can not be configured before the installation',
    ...{ ...whole, configures: [1] },
    ...{ exitCode: 0, calls: ['configure', 'update', 'install'] },
  },
  {
    name: 'one package failed among the others, and does not by itself',
    ...{ installs: [100, 0], configures: [0, 0], halfInstalled: true },
    ...{ exitCode: 0, calls: ['configure', 'update', 'install', 'configure', 'install'] },
  },
  {
    name: 'a package fails every time',
    ...{ installs: [100], configures: [0, 1, 1, 2], halfInstalled: true },
    ...{ exitCode: 2, calls: ['configure', 'update', 'install', 'configure', 'configure', 'configure'] },
  },
  {
    name: 'there is no such package, and trying again would not help',
    ...{ ...whole, installs: [100] },
    ...{ exitCode: 100, calls: ['configure', 'update', 'install'] },
  },
])('packages are installed: $name', async ({ installs, configures, halfInstalled, exitCode, calls }) => {
  await using host = localHost();
  const outcome = install(host, { installs, configures, halfInstalled });
  expect(outcome.status, outcome.output).toBe(exitCode);
  expect(host.read('calls').trim().split('\n')).toEqual(calls);
});

test('no daemon may be started meanwhile, and what the operator had decided about that is there again after', async () => {
  await using host = localHost();
  host.write('policy-rc.d', 'exit 104\n');
  expect(install(host, whole).status).toBe(0);
  expect(host.read('asked')).toBe('101\n');
  expect(host.read('policy-rc.d')).toBe('exit 104\n');
  expect(leftBeside(host)).toEqual([]);
});

test('no daemon may be started either where nothing below /run can be executed, as on a real Debian', async () => {
  await using host = localHost();
  expect(install(host, whole).status).toBe(0);
  expect(host.read('asked')).toBe('101\n');
  expect(host.exists('policy-rc.d')).toBe(false);
});

test.each([
  { name: 'nothing', before: undefined, answer: 0 },
  { name: 'to ask somebody else', before: '#!/bin/sh\nexit 104\n', answer: 104 },
  { name: 'a link to what is not there', before: 'nowhere', answer: 0 },
])(
  'after a power cut in the middle what the operator had decided holds: $name',
  async ({ before, answer }) => {
    await using host = localHost();
    const policy = join(host.root, 'policy-rc.d');
    if (before === 'nowhere') symlinkSync(join(host.root, before), policy);
    else if (before !== undefined) writeFileSync(policy, before, { mode: 0o755 });
    // The power goes while apt-get installs: nothing that would tidy up runs, and /run is empty after.
    expect(install(host, { ...whole, installs: ['power'] }).signal).toBe('SIGKILL');
    rmSync(host.paths.volatile, { recursive: true });
    expect(spawnSync(policy, ['nginx', 'start']).status).toBe(answer);
    mkdirSync(host.paths.volatile);
    expect(install(host, whole).status).toBe(0);
    expect(host.read('asked')).toBe('101\n');
    if (before === 'nowhere') expect(readlinkSync(policy)).toBe(join(host.root, before));
    else if (before !== undefined) expect(host.read('policy-rc.d')).toBe(before);
    else expect(host.exists('policy-rc.d')).toBe(false);
    expect(leftBeside(host)).toEqual([]);
  },
);

/** What is there that a run put beside the policy. */
const leftBeside = ({ root }: LocalHost): readonly string[] =>
  readdirSync(root).filter((name) => name.startsWith('policy-rc.d.'));

/** How apt-get and dpkg fare, one exit code a call; `power`: the host loses its power in the middle of it. */
interface Fortune {
  readonly installs: readonly (number | 'power')[];
  readonly configures: readonly number[];
  /** Whether dpkg knows of packages that are unpacked and not configured. */
  readonly halfInstalled: boolean;
}

function install(host: LocalHost, { installs, configures, halfInstalled }: Fortune) {
  host.write('codes-install', installs.map((code) => `${code}\n`).join(''));
  host.write('codes-configure', configures.map((code) => `${code}\n`).join(''));
  host.write('audit', halfInstalled ? 'half installed: horizon\n' : '');
  host.program('apt-get', `#!/bin/sh\nverb=$1\n${fare}`);
  host.program(
    'dpkg',
    `#!/bin/sh\nif [ "$1" = --audit ]; then cat "$LAB/audit"; exit; fi\nverb=\${1#--}\n${fare}`,
  );
  host.program('debconf-set-selections', '#!/bin/sh\ncat >/dev/null\n');
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-s'], {
    input: installScript(['nginx'], host.paths),
    encoding: 'utf8',
    env: host.environment,
  });
  return { status, signal, output: stdout + stderr };
}

/**
 * Says that it was called, and with what exit code it ends is written in a file, a line a call. An installation asks the
 * policy as invoke-rc.d does. A file that lies on a file system without execution can't be run, whatever its mode; here no
 * file below /run can.
 */
const fare = `echo "$verb" >>"$LAB/calls"
if [ "$verb" = install ]; then
  find "$LAB/run" -type f -exec chmod a-x {} +
  ! [ -x "$LAB/policy-rc.d" ] || "$LAB/policy-rc.d" nginx start
  echo $? >"$LAB/asked"
fi
[ -s "$LAB/codes-$verb" ] || exit 0
read -r code <"$LAB/codes-$verb"
sed -i 1d "$LAB/codes-$verb"
[ "$code" != power ] || kill -9 $PPID $$
exit "$code"
`;
