import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  algorithmsFor,
  fingerprintOfKey,
  judgeKey,
  linesFor,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts';

const [keyA, keyB] = ['AAAAC3NzaC1lZDI1NTE5AAAAIA==', 'AAAAC3NzaC1lZDI1NTE5AAAAIB=='];
const at = (address: string, port = 22) => ({ address, port });

const verdict = (
  text: string,
  endpoint: { address: string; port: number },
  key = keyA,
  keyType = 'ssh-ed25519',
) => judgeKey(linesFor(parseKnownHosts(text), endpoint), keyType, key);

const hashed = (name: string): string => {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

test('a pinned key is known under each name of its line', () => {
  const text = `# lab\nctl01,10.0.0.1 ssh-ed25519 ${keyA} a comment\n`;
  expect(verdict(text, at('10.0.0.1'))).toBe('known');
  expect(verdict(text, at('ctl01'))).toBe('known');
  expect(verdict(text, at('10.0.0.2'))).toBe('unknown');
});

test('hashed names are recognised, with and without a port', () => {
  expect(verdict(`${hashed('10.0.0.1')} ssh-ed25519 ${keyA}`, at('10.0.0.1'))).toBe('known');
  expect(verdict(`${hashed('[10.0.0.1]:2222')} ssh-ed25519 ${keyA}`, at('10.0.0.1', 2222))).toBe('known');
  expect(verdict(`${hashed('10.0.0.1')} ssh-ed25519 ${keyA}`, at('10.0.0.1', 2222))).toBe('unknown');
});

test('another port is another host', () => {
  const text = `[10.0.0.1]:2222 ssh-ed25519 ${keyA}`;
  expect(verdict(text, at('10.0.0.1', 2222))).toBe('known');
  expect(verdict(text, at('10.0.0.1'))).toBe('unknown');
});

test('patterns match, and a negated one takes a host out', () => {
  const text = `10.0.0.*,!10.0.0.9 ssh-ed25519 ${keyA}`;
  expect(verdict(text, at('10.0.0.1'))).toBe('known');
  expect(verdict(text, at('10.0.0.9'))).toBe('unknown');
});

test('another key than the pinned one has changed, whatever its type', () => {
  const text = `10.0.0.1 ssh-ed25519 ${keyA}`;
  expect(verdict(text, at('10.0.0.1'), keyB)).toBe('changed');
  expect(verdict(text, at('10.0.0.1'), 'AAAA', 'ssh-rsa')).toBe('changed');
});

test('a revoked key is refused even where it is pinned, and a line about an authority pins no key', () => {
  expect(verdict(`10.0.0.1 ssh-ed25519 ${keyA}\n@revoked * ssh-ed25519 ${keyA}`, at('10.0.0.1'))).toBe(
    'revoked',
  );
  expect(verdict(`@cert-authority * ssh-ed25519 ${keyA}`, at('10.0.0.1'))).toBe('unknown');
});

test('the types that are pinned for a host are asked for first', () => {
  const lines = parseKnownHosts(`10.0.0.1 ssh-rsa AAAA\n`);
  expect(algorithmsFor(lines).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
  expect(algorithmsFor([])[0]).toBe('ssh-ed25519');
});

test('fingerprints are written as OpenSSH writes them', () => {
  expect(fingerprintOfKey('AAAA')).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
