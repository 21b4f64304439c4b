import { eachCertificate } from '../model/certificate.ts';
import { McpError } from '../model/failure.ts';
import type { Topology } from '../model/topology.ts';

/** Takes every secret of a cloud out of a text. What hosts and their programs say goes through it before it is told. */
export type Mask = (text: string) => string;

export function maskFor({ secrets, certificates }: Pick<Topology, 'secrets' | 'certificates'>): Mask {
  const keys = eachCertificate(certificates).flatMap(({ key }) => key.reveal().split('\n'));
  const words = [...[...secrets.values()].map((secret) => secret.reveal()), ...keys]
    .filter((word) => word.length >= shortestSecret && !word.startsWith('-----'))
    .sort((left, right) => right.length - left.length);
  return (text) => words.reduce((masked, word) => masked.replaceAll(word, '***'), text);
}

export function maskedFailure(failure: McpError, mask: Mask): McpError {
  const { hint, host, findings, diagnostics } = failure.details;
  const masked = new McpError(failure.code, mask(failure.message), {
    ...(hint === undefined ? {} : { hint: mask(hint) }),
    ...(host === undefined ? {} : { host }),
    ...(findings === undefined ? {} : { findings: findings.map(mask) }),
    ...(diagnostics === undefined ? {} : { diagnostics }),
  });
  if (failure.stack !== undefined) masked.stack = mask(failure.stack);
  return masked;
}

/** Shorter values would take ordinary words out of messages. */
const shortestSecret = 8;
