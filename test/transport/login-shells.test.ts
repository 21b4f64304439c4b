import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHosts } from '../../src/execute/lock.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import type { SshSettings } from '../../src/model/inventory.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Connect } from '../../src/model/transport.ts';
import { createFleet } from '../../src/transport/index.ts';
import { asked } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';
import { type ShellServer, shellServer } from '../support/ssh-server.ts';

/** Asks for a password, as sudo -S does, with one percent sign for two, and lets in whoever says something. */
const sudo = `#!/bin/sh
while [ "$1" != sh ]; do [ "$1" = -p ] && { printf "$2" >&2; IFS= read -r word; }; shift; done
exec "$@"
`;

/** A user whose bash has this as its .bashrc, which bash reads where sshd has started it. */
async function userWith(bashrc: string, environment: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-home-'));
  const server = await shellServer({
    folder,
    loginShell: 'bash',
    environment: {
      PATH: `${folder}:${process.env['PATH']}`,
      ...environment,
      HOME: folder,
      SSH_CLIENT: '192.0.2.1 40000 22',
    },
  });
  server.write('.bashrc', bashrc);
  server.write('sudo', sudo, 0o755);
  return server;
}

const fleetOf = (server: ShellServer, sudoKind: SshSettings['sudo'] = 'none') =>
  createFleet([server.host({ sudo: sudoKind })], {
    agentSocket: undefined,
    sudoPassword: async () => new Secret('correct-horse'),
  });

const greetings = [
  ['a line', 'echo Welcome to ctl01'],
  ['words that end no line', 'printf "Welcome to ctl01 "'],
  ['a warning', 'echo "bash: warning: setlocale: LC_ALL: cannot change locale" >&2'],
  ['every command that it runs', 'set -x; echo "Welcome to ctl01"'],
  ['a page', 'seq 1 50000; seq 1 50000 >&2'],
] as const;

for (const how of ['none', 'passwordless', 'password'] as const) {
  test.each(greetings)(`what a login shell says first is no answer (sudo: ${how}): %s`, async (_, bashrc) => {
    await using server = await userWith(bashrc);
    await using fleet = fleetOf(server, how);
    const connection = await fleet.connect('ctl01');
    const result = await connection.run('cat; echo err >&2; exit 3', { input: 'in' });
    expect(result).toEqual({ exitCode: 3, stdout: 'in', stderr: 'err\n' });
    const held = await connection.hold('echo mine; cat');
    expect(held).toMatchObject({ kind: 'held', firstLine: 'mine' });
    if (held.kind === 'held') await held[Symbol.asyncDispose]();
  });
}

test('neither the umask nor the language of a login is that of what we do there', async () => {
  await using server = await userWith('umask 077', { LANG: 'de_DE.UTF-8' });
  for (const how of ['none', 'passwordless'] as const) {
    await using fleet = fleetOf(server, how);
    const connection = await fleet.connect('ctl01');
    const { stdout } = await connection.run('umask; locale 2>/dev/null | grep ^LC_NUMERIC=');
    expect(stdout).toBe('0022\nLC_NUMERIC="C.UTF-8"\n');
  }
});

test.each(['none', 'passwordless', 'password'] as const)(
  'a bash that our own programs start reads nothing of whoever logs in (sudo: %s)',
  async (how) => {
    await using server = await userWith('echo Welcome to ctl01');
    await using fleet = fleetOf(server, how);
    const connection = await fleet.connect('ctl01');
    // With what sshd gives it as its stdin, and with none.
    const { stdout } = await connection.run("bash -c 'echo answer'; bash -c 'echo answer' </dev/null");
    expect(stdout).toBe('answer\nanswer\n');
    const held = await connection.hold("bash -c 'echo mine'; cat");
    expect(held).toMatchObject({ kind: 'held', firstLine: 'mine' });
    if (held.kind === 'held') await held[Symbol.asyncDispose]();
  },
);

test('a login shell that runs nothing for us is told as such, with its words', async () => {
  await using server = await userWith('echo "This account is currently not available."; exit 1');
  await using fleet = fleetOf(server);
  const connection = await fleet.connect('ctl01');
  for (const way of ['run', 'hold'] as const) {
    await expect(connection[way]('echo hello')).rejects.toMatchObject({
      code: 'login-refused',
      message:
        'ctl01: the login shell ended with 1 and did not start ours: This account is currently not available.',
    });
  }
  await using behindSudo = fleetOf(server, 'passwordless');
  await expect((await behindSudo.connect('ctl01')).run('echo hello')).rejects.toMatchObject({
    code: 'sudo-refused',
    message: expect.stringContaining('This account is currently not available.'),
  });
});

test('a login shell that never stops talking is given up', async () => {
  await using server = await userWith('yes');
  for (const how of ['none', 'passwordless'] as const) {
    await using fleet = fleetOf(server, how);
    const connection = await fleet.connect('ctl01');
    await expect(connection.run('true')).rejects.toMatchObject({ code: 'reply-too-long' });
    await expect(connection.hold('echo mine')).rejects.toMatchObject({ code: 'reply-too-long' });
  }
});

test('a host with such a login shell is locked, and another run told so', async () => {
  await using host = localHost();
  await using server = await userWith('echo Welcome to ctl01', host.environment);
  await using fleet = fleetOf(server);
  const locks = await lockFor('one', host, fleet.connect);
  await expect(lockFor('other', host, fleet.connect)).rejects.toMatchObject({ code: 'locked' });
  await locks[Symbol.asyncDispose]();
  await (await lockFor('other', host, fleet.connect))[Symbol.asyncDispose]();
});

test('only its own word says that a host is locked', async () => {
  await using host = localHost();
  host.program('flock', '#!/bin/sh\necho "flock: here I am"\nexec /usr/bin/flock "$@"\n');
  await expect(lockFor('one', host, host.fleet.connect)).rejects.toMatchObject({
    code: 'command-failed',
    message: expect.stringContaining('flock: here I am'),
  });
});

const never = new AbortController().signal;

const lockFor = (run: string, { paths }: LocalHost, connect: Connect) =>
  lockHosts(['ctl01'], {
    ...{ run, asked, connect, paths, clock: systemClock },
    signals: { soft: never, hard: never },
  });
