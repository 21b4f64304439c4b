import { spawnSync } from 'node:child_process';
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
  expect(host.read('asked')).toContain('exit 101');
  expect(host.read('policy-rc.d')).toBe('exit 104\n');
});

/** How apt-get and dpkg fare, one exit code a call. */
interface Fortune {
  readonly installs: readonly number[];
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
  const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
    input: installScript(['nginx'], host.paths),
    encoding: 'utf8',
    env: host.environment,
  });
  return { status, output: stdout + stderr };
}

/** Says that it was called, and with what exit code it ends is written in a file, a line a call. */
const fare = `echo "$verb" >>"$LAB/calls"
[ "$verb" = install ] && cat "$LAB/policy-rc.d" >"$LAB/asked"
[ -s "$LAB/codes-$verb" ] || exit 0
read -r code <"$LAB/codes-$verb"
sed -i 1d "$LAB/codes-$verb"
exit "$code"
`;
