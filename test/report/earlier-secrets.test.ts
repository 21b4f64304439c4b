import { expect, test } from 'vitest';
import { withoutEarlierSecrets } from '../../src/report/earlier-secrets.ts';

test('of a file that is nothing but a secret nothing is shown: a Fernet key, a cookie', () => {
  expect(withoutEarlierSecrets('VmVyeVNlY3JldEtleVRoYXRTaWducw==\n', '***\n')).toBe('***\n');
  expect(withoutEarlierSecrets('# by mcp\nOLDERCOOKIE\n', '# by mcp\n***\n')).toBe('# by mcp\n***\n');
});

test('what stands where a secret is to stand is hidden, also where more than the secret changes there', () => {
  const after = 'connection = mysql+pymysql://nova:***@10.0.0.9:3306/nova\nworkers = 4\n';
  const before = 'connection = mysql+pymysql://nova:old@10.0.0.1:3306/nova\nworkers = 8\n';
  expect(withoutEarlierSecrets(before, after)).toBe('connection = ***\nworkers = 8\n');
});

test('a line that differs in its secret alone is shown as the wanted one', () => {
  expect(withoutEarlierSecrets('  password = hunter2\n', '  password = ***\n')).toBe('  password = ***\n');
  expect(withoutEarlierSecrets('"password": "old",\n', '"password": "***",\n')).toBe('"password": "***",\n');
});

test('what looks generated is hidden wherever it stands, unless it is to stand there', () => {
  const after = 'password = ***\nid = 0123456789abcdef0123456789abcdef\n';
  const before = 'token = 99d0aa1b2c3d4e5f\nid = 0123456789abcdef0123456789abcdef\nname = nova\n';
  expect(withoutEarlierSecrets(before, after)).toBe(
    'token = ***\nid = 0123456789abcdef0123456789abcdef\nname = nova\n',
  );
});

test('a file that carries no secret is shown as it is', () => {
  const text = 'digest 99d0aa1b2c3d4e5f99d0aa1b2c3d4e5f\n';
  expect(withoutEarlierSecrets(text, 'digest 0\n')).toBe(text);
});

test('what is called a password is hidden wherever it stands in a line, also where the file carries no secret any more', () => {
  const user = '{"name": "nova", "password": "Summer.2026", "roles": ["admin"]}';
  const without = '{"name": "nova", "password": "***", "roles": ["admin"]}';
  expect(withoutEarlierSecrets(user, '{"name": "glance", "password": "***"},')).toBe(without);
  expect(withoutEarlierSecrets(user, 'nothing of that\n')).toBe(without);
});

test('a line of any length is judged at once', () => {
  const shape = `transport_url = ${'rabbit://u:***@h,'.repeat(6)}`;
  const line = `transport_url = ${'rabbit://u:old@h,'.repeat(20_000)}x`;
  const began = performance.now();
  expect(withoutEarlierSecrets(line, shape)).not.toContain('old');
  // Tries of every way to fit would take minutes.
  expect(performance.now() - began).toBeLessThan(2000);
});
