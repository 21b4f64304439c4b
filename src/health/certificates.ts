import {
  type Certificate,
  type Certificates,
  calledOwner,
  datedFlaw,
  eachCertificate,
  issuerFlaw,
  renewalHint,
} from '../model/certificate.ts';
import type { Check, Finding } from '../model/check.ts';

/** Whether the certificates of VIPs and hosts go on to be valid, and what they rest on; `now` is in milliseconds since the epoch. */
export const certificatesCheck = (certificates: Certificates, now: number): Check => ({
  name: 'certificates.valid',
  service: 'certificates',
  title: 'no certificate has expired or is about to, nor has an authority',
  judge: () => {
    const all = eachCertificate(certificates);
    return [
      ...all.flatMap((each) => judgeDates(calledOwner(each, all), each, now)),
      ...certificates.issuers.flatMap((issuer) => {
        const flaw = issuerFlaw(issuer, now);
        return flaw === undefined ? [] : [finding(flaw, flaw.message, flaw.hint)];
      }),
    ];
  },
});

function judgeDates(owner: string, certificate: Certificate, now: number): readonly Finding[] {
  const flaw = datedFlaw(certificate, now);
  if (flaw === undefined) return [];
  const hint = `${renewalHint(certificate.signedBy, owner)}, then \`mcp deploy\``;
  return [finding(flaw, `the certificate of ${owner} ${flaw.message}`, hint)];
}

const finding = (
  { severity }: { readonly severity: 'error' | 'warning' },
  message: string,
  hint: string,
): Finding => ({ severity: severity === 'error' ? 'red' : 'warning', hosts: [], message, hint });
