import { expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { hostFiles } from '../../src/lab/host-files.ts';
import { loginFiles } from '../../src/lab/login-files.ts';
import type { HostHabits, SshSettings } from '../../src/model/inventory.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const keys = { hostKey: 'PRIVATE', hostKeyPublic: 'ssh-ed25519 AAAA x', authorized: 'ssh-ed25519 BBBB y\n' };
const accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n',
  group: 'root:x:0:\n',
  shadow: 'root:*:19700:0:99999:7:::\n',
};

/** Files of the one host of a lab, by path, and what the lab's image has besides. */
function made(ssh: Partial<SshSettings>, habits?: HostHabits) {
  const plain = aNode('ctl01', { management: '10.77.0.11' });
  const node = { ...plain, ssh: { ...plain.ssh, ...ssh } };
  const settings = {
    name: 'blue',
    directory: '/srv/labs',
    image: 'bare',
    shared: [],
    recorder: undefined,
  } as const;
  const lab = describeLab(
    aLabInventory([aMachine('ctl01', [node])], {
      lab: { ...settings, password: 'horse', ...(habits ? { habits: { ctl01: habits } } : {}) },
    }),
  );
  const [host] = lab.hosts;
  if (host === undefined) throw new Error('the lab has no host');
  const login = loginFiles(host, { accounts, authorized: keys.authorized, hash: '$6$hash' });
  const files = new Map([...hostFiles(lab, host, keys), ...login].map((file) => [file.path, file]));
  return { files, extras: lab.extras, contentOf: (path: string) => files.get(path)?.content };
}

const jump = { user: 'visitor', host: '10.77.0.9', port: 22 };

test('whoever the inventory logs in as is a user of the host with its password and sudo, and comes from the jump host alone', () => {
  const { files, contentOf, extras } = made({ user: 'operator', port: 2222, sudo: 'password', jump });
  expect(contentOf('/etc/passwd')).toBe(`${accounts.passwd}operator:x:1000:1000::/home/operator:/bin/bash\n`);
  expect(contentOf('/etc/shadow')).toContain('\noperator:$6$hash:');
  expect(files.get('/home/operator/.ssh/authorized_keys')).toMatchObject({ owner: 1000, mode: 0o600 });
  expect(files.get('/etc/sudoers.d/lab')).toMatchObject({
    content: 'operator ALL=(ALL:ALL) ALL\n',
    mode: 0o440,
  });
  expect(contentOf('/etc/ssh/sshd_config.d/lab.conf')).toBe(
    'Port 2222\nAllowUsers root@10.77.0.1 operator@10.77.0.9\n',
  );
  expect(extras).toEqual({ packages: ['sudo'], languages: [] });
});

test('a host of root alone has no user more, and nothing in its image that nobody asked for', () => {
  const { files, contentOf, extras } = made({});
  expect([...files.keys()].filter((path) => /passwd|shadow|sudoers|home|bashrc|locale/.test(path))).toEqual(
    [],
  );
  expect(contentOf('/etc/ssh/sshd_config.d/lab.conf')).toBe('Port 22\n');
  expect(extras).toEqual({ packages: [], languages: [] });
});

test('every host has /run as a real Debian has it, and /tmp where it is asked for', () => {
  const unit = '/etc/systemd/system/lab-mounts.service';
  const plain = made({}).contentOf(unit);
  expect(plain).toContain('remount,bind,noexec,nosuid,nodev /run\n');
  expect(plain).not.toContain('/tmp');
  expect(made({}, { tmpNoexec: true }).contentOf(unit)).toContain('noexec,nosuid,nodev /tmp\n');
});

test('habits are those of whoever logs in', () => {
  const user = made({ user: 'operator', sudo: 'passwordless' }, { umask: '077', greeting: 'Welcome here.' });
  expect(user.files.get('/home/operator/.bashrc')).toMatchObject({
    content: "umask 077\necho 'Welcome here.'\n",
    owner: 1000,
  });
  const fish = made({}, { shell: 'fish', greeting: 'Welcome here.', language: 'de_DE.UTF-8' });
  expect(fish.contentOf('/etc/passwd')).toContain('root:x:0:0:root:/root:/usr/bin/fish\n');
  expect(fish.contentOf('/root/.config/fish/config.fish')).toBe("echo 'Welcome here.'\n");
  expect(fish.contentOf('/etc/default/locale')).toBe('LANG=de_DE.UTF-8\n');
  expect(fish.extras).toEqual({ packages: ['fish'], languages: ['de_DE.UTF-8'] });
  expect(made({}, { cloudInitHosts: true }).contentOf('/etc/hosts')).toMatch(
    /^127\.0\.1\.1 ctl01\.novalocal ctl01\n127\.0\.0\.1 localhost$/m,
  );
});
