import { expect, test } from 'vitest';
import { certificatesCheck } from '../../src/health/index.ts';
import type { Certificate, IssuerCertificate } from '../../src/model/certificate.ts';
import { Secret } from '../../src/model/secret.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T12:00:00Z');
const observed = { hosts: new Map() };

const until = (notAfter: number): Certificate => ({
  certificate: 'PEM',
  key: new Secret('PEM'),
  signedBy: 'ours',
  notBefore: 0,
  notAfter,
});

const judged = (daysLeft: number) => {
  const vips = { public: until(now + daysLeft * day) };
  return certificatesCheck({ authority: 'PEM', vips, hosts: {}, issuers: [] }, now)
    .judge(observed)
    .map(({ severity, message }) => `${severity}: ${message}`);
};

test('certificates of hosts are judged as those of VIPs, each by what renew calls it', () => {
  const expired = until(now - day);
  const found = certificatesCheck(
    { authority: 'PEM', vips: { sql: expired }, hosts: { sql: expired, ctl01: expired }, issuers: [] },
    now,
  );
  expect(found.judge(observed).map(({ hint }) => hint)).toEqual(
    ['vip-sql', 'host-sql', 'ctl01'].map((name) => `run \`mcp certs renew ${name}\`, then \`mcp deploy\``),
  );
});

test('a certificate is pointed out a month before it expires, and red from then on', () => {
  expect(judged(31)).toEqual([]);
  expect(judged(29)).toEqual(['warning: the certificate of public expires on 2026-12-23']);
  expect(judged(-1)).toEqual(['red: the certificate of public expired on 2026-11-23']);
});

test('one that somebody else signed is not ours to renew, and authorities are judged as what they signed', () => {
  const theirs = { ...until(now + 9 * day), signedBy: 'theirs' as const };
  const issuer = (name: string, daysLeft: number, more: Partial<IssuerCertificate>): IssuerCertificate => ({
    ...{ name, file: 'cloud.certs/ca.crt', signedBy: 'theirs', isNeeded: true },
    ...{ notBefore: 0, notAfter: now + daysLeft * day },
    ...more,
  });
  const issuers = [
    issuer('Root', 400, {}),
    issuer('Issuing', 20, { file: 'cloud.certs/vip-public.crt' }),
    issuer('Ours', 20, { signedBy: 'ours' }),
    issuer('Former', -9, { isNeeded: false }),
    issuer('Future', 400, { notBefore: now + day }),
  ];
  const found = certificatesCheck({ authority: 'PEM', vips: { public: theirs }, hosts: {}, issuers }, now);
  expect(
    found.judge(observed).map(({ severity, message, hint }) => `${severity}: ${message}; ${hint}`),
  ).toEqual([
    expect.stringMatching(
      /^warning: the certificate of public expires on 2026-12-03; get a new one from whoever signed it/,
    ),
    expect.stringMatching(
      /^warning: the authority Issuing in cloud.certs\/vip-public.crt expires on .*; get its successor/,
    ),
    expect.stringMatching(/^warning: the authority Ours .* expires on .*; run `mcp certs rotate`$/),
    expect.stringMatching(/^warning: the authority Former .* expired on .*; nothing rests on it/),
    expect.stringMatching(/^red: the authority Future .* is not valid before /),
  ]);
});
