import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type ClientErrorExtensions } from 'ssh2';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import {
  type Endpoint,
  fingerprintOfKey,
  type HostKeyAlgorithm,
  judgeKey,
  type KnownHost,
  keyTypeOf,
  linesFor,
  nameInKnownHosts,
} from './known-hosts.ts';
import { createAccess, endpointOf, readKnownHosts } from './ssh-access.ts';

/** A key that a host shows, and what is pinned about it. */
interface ShownKey {
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
  readonly verdict: 'known' | 'unknown' | 'changed' | 'revoked';
}

/** Every key that sshd shows at an endpoint. */
export interface ShownKeys extends Endpoint {
  readonly host: string;
  readonly knownHosts: string;
  readonly keys: readonly ShownKey[];
}

/**
 * Asks hosts for their keys, and logs in to none but their jump hosts. Throws McpError `unreachable` for a host that
 * shows no key.
 */
export async function fetchHostKeys(hosts: readonly Host[]): Promise<readonly ShownKeys[]> {
  await using access = createAccess({ agentSocket: process.env['SSH_AUTH_SOCK'] });
  return await Promise.all(
    hosts.map(async (host) => {
      const endpoint = endpointOf(host);
      const asked = askedAlgorithms.map(async (algorithms) =>
        shownKey({ host: host.name, ...endpoint, algorithms, through: await access.streamTo(host) }),
      );
      const found = (await Promise.all(asked)).filter((key) => key !== undefined);
      const lines = linesFor(await readKnownHosts(host.ssh.knownHosts), endpoint, [host.name]);
      if (found.length === 0) throw noKeys(host.name, endpoint);
      return { host: host.name, ...endpoint, knownHosts: host.ssh.knownHosts, keys: judged(found, lines) };
    }),
  );
}

/** The jump hosts of these hosts, each once, as hosts of their own: their keys must be known first. */
export function jumpHostsOf(hosts: readonly Host[]): readonly Host[] {
  const jumps = hosts.flatMap((host): readonly Host[] => {
    const { jump } = host.ssh;
    if (jump === undefined) return [];
    const addresses = { ...host.addresses, management: jump.host };
    const ssh = { ...host.ssh, user: jump.user, port: jump.port, jump: undefined };
    return [{ ...host, name: jump.host, addresses, ssh }];
  });
  return [...new Map(jumps.map((jump) => [`${jump.name}:${jump.ssh.port}`, jump])).values()];
}

/** A known_hosts file with new keys pinned. Lines about a replaced host lose its name; all others stay as they are. */
export function withPinnedKeys(
  text: string,
  shown: readonly ShownKeys[],
  replaced: readonly string[],
): string {
  const isReplaced = ({ host }: ShownKeys) => replaced.includes(host);
  const gone = shown.filter(isReplaced).flatMap((keys) => [keys, { ...keys, address: keys.host }]);
  const kept = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => withoutNames(line, gone));
  const pinned = shown.flatMap((keys) =>
    keys.keys
      .filter(({ verdict }) => isReplaced(keys) || verdict === 'unknown')
      .map(({ keyType, key }) => `${nameInKnownHosts(keys)} ${keyType} ${key} ${keys.host}`),
  );
  return `${[...kept, ...pinned].join('\n')}\n`;
}

interface Question extends Endpoint {
  readonly host: string;
  readonly algorithms: HostKeyAlgorithm[];
  readonly through: Duplex | undefined;
}

/** One connection a key type: a host shows a single key on each. */
const askedAlgorithms: readonly HostKeyAlgorithm[][] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/** Undefined where the host has no key of these types. */
function shownKey({ host, address, port, algorithms, through }: Question): Promise<Buffer | undefined> {
  const client = new ssh2.Client();
  const socket = through ?? new Socket().connect({ host: address, port });
  return new Promise((resolve, reject) => {
    client.on('error', (cause: Error & ClientErrorExtensions) => {
      if (cause.level === 'handshake') return resolve(undefined);
      reject(
        new McpError('unreachable', `${host}: can't connect to ${address} port ${port}: ${cause.message}`, {
          host,
          hint: 'check that the host is up, its address and ssh.port, and the way to it',
          cause,
        }),
      );
    });
    client.on('close', () => resolve(undefined));
    client.connect({
      sock: socket,
      username: 'mcp',
      readyTimeout: 20_000,
      algorithms: { serverHostKey: algorithms },
      hostVerifier: (key: Buffer) => {
        resolve(key);
        return false;
      },
    });
  });
}

/** A further key of a host that shows a known one is new; where none is known any more, all have changed. */
function judged(publicKeys: readonly Buffer[], lines: readonly KnownHost[]): readonly ShownKey[] {
  const keys = publicKeys.map((publicKey) => {
    const keyType = keyTypeOf(publicKey);
    const key = publicKey.toString('base64');
    return { keyType, key, fingerprint: fingerprintOfKey(key), verdict: judgeKey(lines, keyType, key) };
  });
  const isKnown = keys.some(({ verdict }) => verdict === 'known');
  const ofType = (type: string) =>
    lines.some(({ marker, keyType }) => marker === undefined && keyType === type);
  return keys.map((key) =>
    isKnown && key.verdict === 'changed' && !ofType(key.keyType) ? { ...key, verdict: 'unknown' } : key,
  );
}

const noKeys = (host: string, { address, port }: Endpoint): McpError =>
  new McpError('unreachable', `${host}: what answers at ${address} port ${port} shows no host key`, {
    host,
    hint: 'check that sshd runs there, and ssh.port in the inventory',
  });

function withoutNames(line: string, gone: readonly Endpoint[]): readonly string[] {
  if (line.startsWith('#') || line.startsWith('@')) return [line];
  const [names = '', ...rest] = line.split(' ');
  const isAbout = (name: string) =>
    gone.some(
      (each) => linesFor([{ marker: undefined, names: [name], keyType: '', key: '' }], each).length > 0,
    );
  const left = names.split(',').filter((name) => !isAbout(name));
  return left.length === 0 ? [] : [[left.join(','), ...rest].join(' ')];
}
