import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/model/secret.ts';
import { createFleet } from '../../src/transport/index.ts';
import { loginFor } from '../../src/transport/login.ts';
import { patienceDividedBy } from '../../src/transport/patience.ts';
import { shellServer } from '../support/ssh-server.ts';
import { startWire } from '../support/wire.ts';

const fleetOf = (host: Host, password?: string) =>
  createFleet([host], {
    agentSocket: undefined,
    ...(password === undefined ? {} : { sudoPassword: async () => new Secret(password) }),
  });

test('a known host runs a script', async () => {
  await using server = await shellServer();
  await using fleet = fleetOf(server.host());
  const connection = await fleet.connect('ctl01');
  const result = await connection.run('cat; echo err >&2; exit 3', { input: 'in' });
  expect(result).toEqual({ exitCode: 3, stdout: 'in', stderr: 'err\n' });
});

test('an unknown and a changed host key end the connection, with the fingerprints', async () => {
  await using server = await shellServer();
  await using unknown = fleetOf(server.host({ knownHosts: '/nonexistent' }));
  await expect(unknown.connect('ctl01')).rejects.toMatchObject({
    code: 'host-key-unknown',
    message: expect.stringMatching(/ctl01 .*ssh-ed25519 SHA256:/),
    details: { hint: expect.stringContaining('mcp trust') },
  });
  await using changed = fleetOf(server.host({ knownHosts: server.changed() }));
  await expect(changed.connect('ctl01')).rejects.toMatchObject({
    code: 'host-key-changed',
    message: expect.stringMatching(/SHA256:.*pinned ssh-ed25519 SHA256:/),
  });
});

test('a refused login says who, where, and what was tried', async () => {
  await using server = await shellServer();
  const stranger = server.stranger();
  await using fleet = fleetOf(server.host({ identityFiles: [stranger] }));
  await expect(fleet.connect('ctl01')).rejects.toMatchObject({
    code: 'login-refused',
    message: expect.stringMatching(new RegExp(`ctl01: the login root@127.0.0.1 .*key ${stranger}`)),
  });
});

test('a connection that ends while we log in says nothing about our keys', async () => {
  await using server = await shellServer();
  await using wire = await startWire('127.0.0.1', { port: server.port });
  const host = server.host({ port: wire.port });
  await using undisturbed = fleetOf(host);
  await undisturbed.connect('ctl01');
  const lastByte = wire.bytes['to-client'] - 1;
  for (const kind of ['close', 'reset'] as const) {
    wire.reset();
    wire.arm({ harm: { kind }, direction: 'to-client', at: lastByte });
    await using fleet = fleetOf(host);
    await expect(fleet.connect('ctl01')).rejects.toMatchObject({ code: 'unreachable' });
  }
});

test('who leaves does not wait for a host that has vanished', async () => {
  await using server = await shellServer();
  await using wire = await startWire('127.0.0.1', { port: server.port });
  const fleet = fleetOf(server.host({ port: wire.port }));
  await fleet.connect('ctl01');
  wire.arm({ harm: { kind: 'half-open' }, direction: 'to-host', at: wire.bytes['to-host'] });
  const began = performance.now();
  await fleet[Symbol.asyncDispose]();
  expect(performance.now() - began).toBeLessThan(10_000);
  await expect.poll(() => wire.isStruck).toBe(true);
});

test.each(['half-open', 'close'] as const)(
  'a host that is gone (%s) is logged in to anew, though its jump host never closes the way there',
  async (kind) => {
    await using server = await shellServer({ forwards: 'never closing' });
    await using wire = await startWire('127.0.0.1', { port: server.port });
    const jump = { user: 'root', host: '127.0.0.1', port: server.port };
    const host = server.host({ port: wire.port, jump });
    const patience = { ...patienceDividedBy(60), keepalive: 50 };
    await using fleet = createFleet([host], { agentSocket: undefined, patience });
    const before = await fleet.connect('ctl01');
    expect((await before.run('echo before')).stdout).toBe('before\n');
    wire.arm({ harm: { kind }, direction: 'to-host', at: wire.bytes['to-host'] });
    await expect(before.run('true')).rejects.toMatchObject({ code: 'connection-lost' });
    expect((await (await fleet.connect('ctl01')).run('echo after')).stdout).toBe('after\n');
  },
);

test('a host that nobody answers for is unreachable, with the cause', async () => {
  await using server = await shellServer();
  const idle = createServer();
  await new Promise<void>((resolve) => idle.listen(0, '127.0.0.1', resolve));
  const { port } = idle.address() as AddressInfo;
  await new Promise((resolve) => idle.close(resolve));
  await using fleet = fleetOf(server.host({ port }));
  await expect(fleet.connect('ctl01')).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('an sshd with MaxSessions 1 is enough: more connections are opened, and all of them end', async () => {
  await using server = await shellServer({ maxSessions: 1 });
  const fleet = fleetOf(server.host());
  const connection = await fleet.connect('ctl01');
  const held = await connection.hold('echo held; cat >/dev/null');
  const results = await Promise.all([1, 2, 3].map((number) => connection.run(`sleep 0.3; echo ${number}`)));
  expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n']);
  expect('firstLine' in held && held.firstLine).toBe('held');
  expect((await connection.run('echo again')).stdout).toBe('again\n');
  await fleet[Symbol.asyncDispose]();
});

test('an sshd that takes no session at all is told by that name, and that nothing was run', async () => {
  await using server = await shellServer({ maxSessions: 0 });
  await using fleet = fleetOf(server.host());
  await expect((await fleet.connect('ctl01')).run('true')).rejects.toMatchObject({
    code: 'login-refused',
    message: expect.stringContaining('nothing was run'),
    details: { hint: expect.stringContaining('MaxSessions') },
  });
});

test('who may not use sudo is told the line that is missing, and who has none that', async () => {
  await using server = await shellServer();
  server.write('sudo', '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n', 0o755);
  const host = server.host({ user: 'operator', sudo: 'passwordless' });
  await using fleet = fleetOf(host);
  const running = async () => (await fleet.connect('ctl01')).run('true');
  await expect(running()).rejects.toMatchObject({
    code: 'sudo-refused',
    details: { hint: expect.stringContaining('operator ALL=(root) NOPASSWD: ALL') },
  });
  server.write('sudo', '#!/bin/sh\nexit 127\n', 0o755);
  await expect(running()).rejects.toMatchObject({
    details: { hint: expect.stringContaining('install sudo') },
  });
});

test('what a shell prints before sudo begins is passed over', async () => {
  await using server = await shellServer();
  server.write('sudo', '#!/bin/sh\nshift; echo "Welcome to ctl01."; exec "$@"\n', 0o755);
  await using fleet = fleetOf(server.host({ user: 'operator', sudo: 'passwordless' }));
  const { stdout } = await (await fleet.connect('ctl01')).run('echo done');
  expect(stdout).toBe('done\n');
});

test('a session that is never opened, and a sudo that never says a word, have an end, and nothing was run', async () => {
  const patience = patienceDividedBy(60);
  await using mute = await shellServer({ opensNothing: true });
  await using muteFleet = createFleet([mute.host()], { agentSocket: undefined, patience });
  await expect((await muteFleet.connect('ctl01')).run('true')).rejects.toMatchObject({
    code: 'login-refused',
    message: expect.stringContaining('no session within 1 s, nothing was run'),
  });
  await using server = await shellServer();
  server.write('sudo', '#!/bin/sh\nexec sleep 30\n', 0o755);
  await using fleet = createFleet([server.host({ sudo: 'passwordless' })], {
    agentSocket: undefined,
    patience,
  });
  await expect((await fleet.connect('ctl01')).run('true')).rejects.toMatchObject({
    code: 'sudo-refused',
    message: expect.stringContaining('said nothing for 1 s'),
  });
});

test('an interrupt is heard while sudo says nothing', async () => {
  await using server = await shellServer();
  server.write('sudo', '#!/bin/sh\nexec sleep 30\n', 0o755);
  await using fleet = fleetOf(server.host({ sudo: 'passwordless' }));
  const connection = await fleet.connect('ctl01');
  const stop = new AbortController();
  const running = connection.run('true', { signal: stop.signal });
  setTimeout(() => stop.abort(), 200);
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});

/** As sudo -S does: a prompt on stderr, in which two percent signs are one, a line from stdin, three tries. */
const sudo = `#!/bin/sh
while [ "$1" != sh ]; do [ "$1" = -p ] && prompt=$2; shift; done
for try in 1 2 3; do
  printf "$prompt" >&2
  IFS= read -r word
  echo "$word" >>"$FOLDER/tries"
  [ "$word" = correct-horse ] && exec "$@"
  echo 'Sorry, try again.' >&2
done
exit 1
`;

test("sudo's password is sent when it is asked for, and tried once", async () => {
  await using server = await shellServer();
  server.write('sudo', sudo, 0o755);
  const host = server.host({ user: 'operator', sudo: 'password' });
  await using fleet = fleetOf(host, 'correct-horse');
  const connection = await fleet.connect('ctl01');
  expect((await connection.run('echo done; cat', { input: 'in' })).stdout).toBe('done\nin');
  await using wrong = fleetOf(host, 'wrong-horse');
  const refused = (await wrong.connect('ctl01')).run('echo done');
  await expect(refused).rejects.toMatchObject({
    code: 'sudo-refused',
    message: expect.not.stringContaining('wrong-horse'),
  });
  expect(server.read('tries')).toBe('correct-horse\nwrong-horse\n');
});

test('a connection that is lost while sudo thinks is told as lost, and not as a refusal of sudo', async () => {
  await using server = await shellServer();
  server.write('sudo', '#!/bin/sh\nexec cat >/dev/null\n', 0o755);
  await using fleet = fleetOf(server.host({ sudo: 'passwordless' }));
  const connection = await fleet.connect('ctl01');
  const running = connection.run('true');
  setTimeout(server.drop, 200);
  await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
});

test('a connection that was lost is opened anew for whoever asks next', async () => {
  await using server = await shellServer();
  await using fleet = fleetOf(server.host());
  const first = await fleet.connect('ctl01');
  expect(await fleet.connect('ctl01')).toBe(first);
  const lost = first.run('sleep 60');
  setTimeout(server.drop, 200);
  await expect(lost).rejects.toMatchObject({ code: 'connection-lost' });
  const second = await fleet.connect('ctl01');
  expect((await second.run('echo here')).stdout).toBe('here\n');
});

test('keys that the inventory names are tried before an agent, which may hold more than a server has patience for', async () => {
  await using server = await shellServer();
  const { identityFiles } = server.host().ssh;
  const named = await loginFor({ user: 'root', identityFiles }, '/run/agent.sock');
  expect(named.tried).toEqual([`key ${identityFiles[0]}`, 'agent']);
  const unnamed = await loginFor({ user: 'root', identityFiles: [] }, '/run/agent.sock');
  expect(unnamed.tried[0]).toBe('agent');
});
