import type { Secret } from '../model/secret.ts';

/** Puts *** in place of whatever must not be shown. */
export type Mask = (text: string) => string;

/**
 * Hides every secret wherever it occurs: as it is, as JSON or a URL writes it, in base64 at any offset (an
 * `Authorization: Basic` header), and a key of several lines line by line, since a diff shows it that way.
 * Other people's private keys are hidden too.
 */
export function maskWith(secrets: Iterable<Secret>): Mask {
  const forms = new Set([...secrets].flatMap((secret) => formsOf(secret.reveal())));
  const longestFirst = [...forms].sort((one, other) => other.length - one.length).map(escaped);
  const known = longestFirst.length === 0 ? undefined : new RegExp(longestFirst.join('|'), 'g');
  return (text) => {
    const withoutKeys = text.replace(privateKey, '$1***$2');
    return known ? withoutKeys.replace(known, '***') : withoutKeys;
  };
}

/** The body of a PEM private key, in a diff or in JSON as well. */
const privateKey =
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[^-]*(?:-(?!----)[^-]*)*(-----END [A-Z ]*PRIVATE KEY-----)/g;

function formsOf(value: string): readonly string[] {
  if (value === '') return [];
  const lines = value.includes('\n') ? value.split('\n').filter(isSecretLine) : [];
  return [
    value,
    ...lines,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    ...[0, 1, 2].map((offset) => base64At(offset, value)).filter((form) => form.length >= 8),
  ];
}

/** A line of a PEM block that says something about the key. */
const isSecretLine = (line: string): boolean => line.length >= 16 && !line.startsWith('-----');

/** The characters of base64 that `value` alone decides when `offset` bytes stand before it. */
function base64At(offset: number, value: string): string {
  const bytes = Buffer.from(value);
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  const first = Math.ceil((offset * 8) / 6);
  return encoded.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
