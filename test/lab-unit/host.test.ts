import { expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { targetOf } from '../../src/lab/forward.ts';
import { hostFiles } from '../../src/lab/host-files.ts';
import { knownHostsLine, mergeKnownHosts } from '../../src/lab/known-hosts.ts';
import { mountPointsIn } from '../../src/lab/mounts.ts';
import { shellLine } from '../../src/lab/reach.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const lab = describeLab(
  aLabInventory([
    aMachine('ctl01', [aNode('ctl01', { management: '10.77.0.11' })]),
    aMachine('ctl02', [aNode('ctl02', { management: '10.77.0.12' })]),
  ]),
);
const keys = { hostKey: 'PRIVATE', hostKeyPublic: 'ssh-ed25519 AAAA x', authorized: 'ssh-ed25519 BBBB y\n' };

test('private files of a host are readable by root alone', () => {
  const modes = lab.hosts
    .slice(0, 1)
    .flatMap((host) => hostFiles(lab, host, keys))
    .map(({ path, mode }) => [path, mode]);
  expect(Object.fromEntries(modes)).toMatchObject({
    '/etc/ssh/ssh_host_ed25519_key': 0o600,
    '/root/.ssh/authorized_keys': 0o600,
  });
});

test('two hosts of a lab never have one machine id', () => {
  const ids = lab.hosts.map(
    (host) => hostFiles(lab, host, keys).find(({ path }) => path === '/etc/machine-id')?.content,
  );
  expect(new Set(ids).size).toBe(2);
  expect(ids.every((id) => /^[0-9a-f]{32}\n$/.test(id ?? ''))).toBe(true);
});

test('pinning host keys leaves what others wrote in known_hosts', () => {
  const before = '# mine\n10.77.0.11 ssh-ed25519 OLD\n10.9.9.9 ssh-rsa OTHER\n';
  const line = knownHostsLine({ address: '10.77.0.11', sshPort: 22 }, 'ssh-ed25519 NEW comment\n');
  expect(mergeKnownHosts(before, [line])).toBe(
    '# mine\n10.9.9.9 ssh-rsa OTHER\n10.77.0.11 ssh-ed25519 NEW\n',
  );
  expect(mergeKnownHosts(mergeKnownHosts(before, [line]), [line])).toBe(mergeKnownHosts(before, [line]));
});

test('a host key on another port than 22 is pinned with its port', () => {
  const line = knownHostsLine({ address: '10.77.0.11', sshPort: 2222 }, 'ssh-ed25519 KEY');
  expect(line).toBe('[10.77.0.11]:2222 ssh-ed25519 KEY');
});

test('a mount point with a blank in its path is recognised', () => {
  const table =
    '36 35 98:0 / /srv/my\\040lab/root rw - overlay mcp-lab rw\n37 35 0:5 / /proc rw - proc proc rw\n';
  expect(mountPointsIn(table)).toEqual(['/srv/my lab/root', '/proc']);
});

test('words of a command arrive on the host as they were given, a single one is a line for its shell', () => {
  expect(shellLine(['echo', "it's", 'a b', '$HOME'])).toBe(`echo 'it'\\''s' 'a b' '$HOME'`);
  expect(shellLine(['systemctl --failed | wc -l'])).toBe('systemctl --failed | wc -l');
});

test('a forward leads to a VIP, a host or an address', () => {
  expect(targetOf(lab, 'public:443')).toEqual({ address: '10.77.0.102', port: 443 });
  expect(targetOf(lab, 'ctl02:22')).toEqual({ address: '10.77.0.12', port: 22 });
  expect(targetOf(lab, '[fd00::1]:80')).toEqual({ address: 'fd00::1', port: 80 });
  expect(() => targetOf(lab, 'public')).toThrow('public is no place to forward to');
});
