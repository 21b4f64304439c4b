import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { maskWith } from '../../src/report/index.ts';

test('a secret is hidden wherever it stands', () => {
  const mask = maskWith([new Secret('hunter2hunter2')]);
  expect(mask('password = hunter2hunter2, twice hunter2hunter2')).toBe('password = ***, twice ***');
});

test('a longer secret that begins with a shorter one is hidden whole', () => {
  expect(maskWith([new Secret('abcdef'), new Secret('abcdefghij')])('x abcdefghij y')).toBe('x *** y');
});

test('an Authorization header does not give a password away', () => {
  const header = Buffer.from('monitor:Xq8wPz2LkVb91').toString('base64');
  const masked = maskWith([new Secret('Xq8wPz2LkVb91')])(`Authorization: Basic ${header}`);
  expect(masked).toContain('***');
  expect(Buffer.from(masked.replace(/.*Basic /, ''), 'base64').toString()).not.toContain('8wPz2LkVb');
});

test('a key is hidden line by line, as a diff shows it', () => {
  const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ';
  const key = new Secret(`-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`);
  expect(maskWith([key])(`+${line}`)).toBe('+***');
});

test("other people's private keys are hidden too", () => {
  const text = 'a\n-----BEGIN RSA PRIVATE KEY-----\nabc/def-ghi\n-----END RSA PRIVATE KEY-----\nb';
  expect(maskWith([])(text)).toBe('a\n-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nb');
});

test('a secret with special characters is hidden in JSON and in URLs', () => {
  const value = 'p"w\\d$^(1)/x y';
  const mask = maskWith([new Secret(value)]);
  expect(mask(JSON.stringify({ value }))).toBe('{"value":"***"}');
  expect(mask(`amqp://u:${encodeURIComponent(value)}@h`)).toBe('amqp://u:***@h');
});

test('no secret survives in any text around it, plain or in base64', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{12,32}$/);
  fc.assert(
    fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
      const mask = maskWith([new Secret(value)]);
      expect(mask(before + value + after)).not.toContain(value);
      const decoded = Buffer.from(
        mask(Buffer.from(before + value + after).toString('base64')).replaceAll('***', ''),
        'base64',
      );
      expect(decoded.toString('latin1')).not.toContain(value);
    }),
  );
});
