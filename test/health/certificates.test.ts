import { expect, test } from 'vitest';
import { certificatesCheck } from '../../src/health/index.ts';
import { Secret } from '../../src/model/secret.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T12:00:00Z');
const observed = { hosts: new Map() };

const judged = (daysLeft: number) => {
  const vips = { public: { certificate: 'PEM', key: new Secret('PEM'), notAfter: now + daysLeft * day } };
  return certificatesCheck({ authority: 'PEM', vips }, now)
    .judge(observed)
    .map(({ severity, message }) => `${severity}: ${message}`);
};

test('a certificate is pointed out a month before it expires, and red from then on', () => {
  expect(judged(31)).toEqual([]);
  expect(judged(29)).toEqual(['warning: the certificate of public expires on 2026-12-23']);
  expect(judged(-1)).toEqual(['red: the certificate of public expired on 2026-11-23']);
});
