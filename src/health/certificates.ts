import type { Check, Finding } from '../model/check.ts';
import { type Certificates, renewBeforeMilliseconds } from '../model/inventory.ts';

/** Whether the certificates of the VIPs go on to be valid; `now` is in milliseconds since the epoch. */
export const certificatesCheck = ({ vips }: Certificates, now: number): Check => ({
  name: 'certificates.valid',
  service: 'certificates',
  title: 'no certificate of a VIP has expired or is about to',
  judge: () => Object.entries(vips).flatMap(([vip, { notAfter }]) => judgeExpiry(vip, notAfter, now)),
});

function judgeExpiry(vip: string, notAfter: number, now: number): readonly Finding[] {
  const day = new Date(notAfter).toISOString().slice(0, 10);
  const hint = `run \`mcp certs renew ${vip}\`, then \`mcp deploy\``;
  if (notAfter <= now) {
    return [{ severity: 'red', hosts: [], message: `the certificate of ${vip} expired on ${day}`, hint }];
  }
  if (notAfter - now >= renewBeforeMilliseconds) return [];
  return [{ severity: 'warning', hosts: [], message: `the certificate of ${vip} expires on ${day}`, hint }];
}
