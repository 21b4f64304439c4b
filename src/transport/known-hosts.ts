import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One line of OpenSSH's known_hosts. */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Names as written: patterns, `[host]:port`, or one `|1|salt|hash`. */
  readonly names: readonly string[];
  readonly keyType: string;
  /** The public key, base64. */
  readonly key: string;
}

/** Where a host answers, as known_hosts names it. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The lines of a known_hosts file; comments, blank lines and lines that say nothing are left out. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap(parseLine);
}

/** The lines that speak about `endpoint`, under its address or one of its other names. */
export function linesFor(
  knownHosts: readonly KnownHost[],
  { address, port }: Endpoint,
  aliases: readonly string[] = [],
): readonly KnownHost[] {
  const candidates = [address, ...aliases].map((name) => nameInKnownHosts({ address: name, port }));
  return knownHosts.filter(({ names }) => candidates.some((candidate) => matches(names, candidate)));
}

/** What the lines say of the key that a host showed. */
export function judgeKey(
  lines: readonly KnownHost[],
  keyType: string,
  key: string,
): 'known' | 'unknown' | 'changed' | 'revoked' {
  const same = (line: KnownHost) => line.keyType === keyType && line.key === key;
  if (lines.some((line) => line.marker === 'revoked' && same(line))) return 'revoked';
  const pinned = lines.filter(({ marker }) => marker === undefined);
  if (pinned.some(same)) return 'known';
  return pinned.length > 0 ? 'changed' : 'unknown';
}

/**
 * Host key algorithms to offer, those of the known key types first: a host that has several keys then shows the one
 * that is pinned, instead of another that would look like a change.
 */
export function algorithmsFor(lines: readonly KnownHost[]): HostKeyAlgorithm[] {
  const known = new Set(lines.filter(({ marker }) => marker === undefined).map(({ keyType }) => keyType));
  const ofKnownTypes = hostKeyAlgorithms.filter(({ keyType }) => known.has(keyType));
  const others = hostKeyAlgorithms.filter(({ keyType }) => !known.has(keyType));
  return [...ofKnownTypes, ...others].map(({ algorithm }) => algorithm);
}

/** `ctl01`, or `[ctl01]:2222` on another port than 22. */
export const nameInKnownHosts = ({ address, port }: Endpoint): string =>
  port === 22 ? address : `[${address}]:${port}`;

/** Signature algorithms that a host may prove itself with. */
export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number]['algorithm'];

/** What OpenSSH shows of a key: `SHA256:…`. */
export const fingerprintOfKey = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;

/** The type that a public key names itself in its first field. */
export function keyTypeOf(publicKey: Buffer): string {
  const length = publicKey.length >= 4 ? publicKey.readUInt32BE(0) : 0;
  return publicKey.subarray(4, 4 + length).toString('latin1');
}

/** In order of preference; SHA-1 signatures are never accepted. */
const hostKeyAlgorithms = [
  { algorithm: 'ssh-ed25519', keyType: 'ssh-ed25519' },
  { algorithm: 'ecdsa-sha2-nistp256', keyType: 'ecdsa-sha2-nistp256' },
  { algorithm: 'ecdsa-sha2-nistp384', keyType: 'ecdsa-sha2-nistp384' },
  { algorithm: 'ecdsa-sha2-nistp521', keyType: 'ecdsa-sha2-nistp521' },
  { algorithm: 'rsa-sha2-512', keyType: 'ssh-rsa' },
  { algorithm: 'rsa-sha2-256', keyType: 'ssh-rsa' },
] as const;

function parseLine(line: string): readonly KnownHost[] {
  const words = line.split(/\s+/);
  const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  const [names, keyType, key] = words;
  if (names === undefined || keyType === undefined || key === undefined) return [];
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return [];
  const kind = marker === '@revoked' ? 'revoked' : marker === undefined ? undefined : 'cert-authority';
  return [{ marker: kind, names: names.split(','), keyType, key }];
}

function matches(names: readonly string[], candidate: string): boolean {
  if (names.some((name) => name.startsWith('!') && matchesPattern(name.slice(1), candidate))) return false;
  return names.some((name) =>
    name.startsWith('|1|') ? matchesHash(name, candidate) : matchesPattern(name, candidate),
  );
}

function matchesHash(name: string, candidate: string): boolean {
  const [, , salt = '', hash = ''] = name.split('|');
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(candidate).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function matchesPattern(pattern: string, candidate: string): boolean {
  const escaped = pattern.toLowerCase().replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`).test(candidate.toLowerCase());
}
