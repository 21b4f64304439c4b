import { expect, test } from 'vitest';
import { type ShownKeys, withPinnedKeys } from '../../src/transport/index.ts';

const shown = (verdict: ShownKeys['keys'][number]['verdict']): ShownKeys => ({
  host: 'ctl01',
  address: '10.0.0.1',
  port: 22,
  knownHosts: '/k',
  keys: [{ keyType: 'ssh-ed25519', key: 'NEW', fingerprint: 'SHA256:x', verdict }],
});

test('a new key is added, and what stands there stays', () => {
  const text = '# ours\n10.0.0.9 ssh-ed25519 OTHER\n';
  expect(withPinnedKeys(text, [shown('unknown')], [])).toBe(`${text}10.0.0.1 ssh-ed25519 NEW ctl01\n`);
});

test('a known key is not written twice, and one that was not proven not at all', () => {
  const text = '10.0.0.1 ssh-ed25519 NEW\n';
  expect(withPinnedKeys(text, [shown('known')], [])).toBe(text);
  expect(withPinnedKeys('', [shown('unproven')], [])).toBe('\n');
  expect(withPinnedKeys('', [shown('unproven')], ['ctl01'])).toBe('\n');
});

test('a changed key is only replaced for the host that is named, and others keep their share of its line', () => {
  const text = '10.0.0.1,10.0.0.2 ssh-ed25519 OLD\nctl01 ssh-rsa OLD\n';
  expect(withPinnedKeys(text, [shown('changed')], [])).toBe(text);
  expect(withPinnedKeys(text, [shown('changed')], ['ctl01'])).toBe(
    '10.0.0.2 ssh-ed25519 OLD\n10.0.0.1 ssh-ed25519 NEW ctl01\n',
  );
});
