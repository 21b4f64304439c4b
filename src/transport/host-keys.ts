import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type ClientErrorExtensions, type ParsedKey } from 'ssh2';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { isOfHandshake, keyUnproven, offered } from './handshake.ts';
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
import { createAccess, endpointOf, readKnownHosts, type SshAccess } from './ssh-access.ts';

/** A key that a host shows, and what is pinned about it. */
interface ShownKey {
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
  /** `SHA256:…`. */
  readonly fingerprint: string;
  /** `unproven`: of a further type, and not told over a login that a pinned key had proven. */
  readonly verdict: 'known' | 'unknown' | 'changed' | 'revoked' | 'unproven';
}

/** Every key that sshd shows at an endpoint. */
export interface ShownKeys extends Endpoint {
  readonly host: string;
  readonly knownHosts: string;
  readonly keys: readonly ShownKey[];
}

/**
 * Asks hosts for their keys. Only what a host proves to have counts: it has signed with it, and where another key of it is
 * pinned, one of a further type was told and signed over a login that the pinned one has proven. Throws McpError
 * `unreachable` for a host that shows no key, `host-key-unproven` where one is shown by somebody who does not have it.
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
      const keys = judged(found, lines);
      const isFurther = keys.some(({ verdict }) => verdict === 'unproven');
      const proven = isFurther ? await toldOverLogin(host, access) : [];
      return {
        host: host.name,
        ...endpoint,
        knownHosts: host.ssh.knownHosts,
        keys: withProven(keys, proven),
      };
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
      .filter(({ verdict }) => verdict !== 'unproven' && (isReplaced(keys) || verdict === 'unknown'))
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

/**
 * Undefined where the host has no key of these types. It counts once the handshake is over: that is signed with it, and
 * whoever only repeats what another host shows can't do that.
 */
function shownKey({ host, address, port, algorithms, through }: Question): Promise<Buffer | undefined> {
  const client = new ssh2.Client();
  const socket = through ?? new Socket().connect({ host: address, port });
  let shown: Buffer | undefined;
  return new Promise((resolve, reject) => {
    client.on('handshake', () => {
      resolve(shown);
      client.destroy();
    });
    client.on('error', (cause: Error & ClientErrorExtensions) => {
      if (isOfHandshake(cause))
        return shown === undefined
          ? resolve(undefined)
          : reject(keyUnproven({ host, address, port }, shown, cause));
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
      algorithms: offered(algorithms),
      hostVerifier: (key: Buffer) => {
        shown = key;
        return true;
      },
    });
  });
}

/** The public keys that OpenSSH tells once somebody is in, each signed (hostkeys-prove-00); none where it lets nobody in. */
async function toldOverLogin(host: Host, access: SshAccess): Promise<readonly string[]> {
  try {
    const { client, cut } = await access.logInTo(host);
    const told = await new Promise<readonly ParsedKey[]>((resolve) => {
      const longest = setTimeout(() => resolve([]), tellingMilliseconds);
      const tell = (keys: readonly ParsedKey[]) => {
        clearTimeout(longest);
        resolve(keys);
      };
      client.on('hostkeys', tell);
      client.on('close', () => tell([]));
    });
    cut();
    return told.map((key) => key.getPublicSSH().toString('base64'));
  } catch (failure) {
    if (failure instanceof McpError) return [];
    throw failure;
  }
}

/** They come in the same breath as the login. Who is no OpenSSH says nothing. */
const tellingMilliseconds = 5000;

const withProven = (keys: readonly ShownKey[], proven: readonly string[]): readonly ShownKey[] =>
  keys.map((each) =>
    each.verdict === 'unproven' && proven.includes(each.key) ? { ...each, verdict: 'unknown' } : each,
  );

/**
 * A key of a type that is not pinned, of a host that shows one that is, has not changed: it is a further one. Where none is
 * known any more, all have changed.
 */
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
    isKnown && key.verdict === 'changed' && !ofType(key.keyType) ? { ...key, verdict: 'unproven' } : key,
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
