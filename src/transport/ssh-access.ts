import type { Duplex } from 'node:stream';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { SshSettings } from '../model/inventory.ts';
import { type KnownHost, parseKnownHosts } from './known-hosts.ts';
import { type Login, loginFor } from './login.ts';
import { type Patience, usualPatience } from './patience.ts';
import { readRegularFile } from './read-regular-file.ts';
import { severable } from './severable.ts';
import { type LoggedIn, logIn, logOut, type SshTarget } from './ssh-client.ts';

/** What several logins share: keys and known hosts are read once, and a jump host is logged in to once. */
export interface SshAccess extends AsyncDisposable {
  /** Logs in to a host, through its jump host where it has one. */
  logInTo(host: Host, signal?: AbortSignal): Promise<LoggedIn>;
  /** A stream to the ssh port of a host through its jump host; undefined: it is reached directly. */
  streamTo(host: Host): Promise<Duplex | undefined>;
}

export interface AccessOptions {
  /** Path of the ssh agent's socket. */
  readonly agentSocket: string | undefined;
  readonly patience?: Patience;
}

export function createAccess({ agentSocket, patience = usualPatience }: AccessOptions): SshAccess {
  const logins = new Map<string, Promise<Login>>();
  const files = new Map<string, Promise<readonly KnownHost[]>>();
  const jumps = new Map<string, Promise<LoggedIn>>();

  const logInAt = async (place: Place, ssh: SshSettings, way: Way): Promise<LoggedIn> => {
    const identity = { user: place.user, identityFiles: ssh.identityFiles };
    return logIn({
      ...place,
      login: await remembered(logins, JSON.stringify(identity), () => loginFor(identity, agentSocket)),
      knownHosts: await remembered(files, ssh.knownHosts, () => readKnownHosts(ssh.knownHosts)),
      knownHostsFile: ssh.knownHosts,
      patience,
      ...way,
    });
  };
  const jumpOf = (ssh: SshSettings, { user, host, port }: NonNullable<SshSettings['jump']>) =>
    remembered(jumps, `${user}@${host}:${port}`, async () => {
      // Others may want it, whoever of them gives up.
      const way = { through: undefined, signal: undefined };
      const jump = await logInAt({ host, user, address: host, port }, ssh, way);
      jump.client.on('error', jump.cut);
      jump.client.on('close', () => jumps.delete(`${user}@${host}:${port}`));
      return jump;
    });
  const streamTo = async (host: Host): Promise<Duplex | undefined> =>
    host.ssh.jump === undefined ? undefined : forward(await jumpOf(host.ssh, host.ssh.jump), host);
  return {
    streamTo,
    async logInTo(host, signal) {
      const place = { host: host.name, user: host.ssh.user, ...endpointOf(host) };
      return logInAt(place, host.ssh, { through: await streamTo(host), signal });
    },
    async [Symbol.asyncDispose]() {
      const settled = await Promise.allSettled(jumps.values());
      await Promise.all(
        settled.map((jump) => (jump.status === 'fulfilled' ? logOut(jump.value, patience) : undefined)),
      );
    },
  };
}

/** Where sshd of a host listens. */
export const endpointOf = ({ addresses, ssh }: Host) => ({ address: addresses.management, port: ssh.port });

/** The lines of a known_hosts file; a file that is not there pins nothing. */
export async function readKnownHosts(file: string): Promise<readonly KnownHost[]> {
  const text = await readRegularFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw new McpError('invalid-arguments', `${file} can't be read: ${cause.message}`, {
      hint: 'correct ssh.knownHosts in the inventory',
      cause,
    });
  });
  return parseKnownHosts(text);
}

type Place = Pick<SshTarget, 'host' | 'user' | 'address' | 'port'>;
type Way = Pick<SshTarget, 'through' | 'signal'>;

function forward({ client }: LoggedIn, host: Host): Promise<Duplex> {
  const { address, port } = endpointOf(host);
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => {
      if (error === undefined) {
        resolve(severable(stream));
        return;
      }
      const jump = host.ssh.jump?.host;
      reject(
        new McpError(
          'unreachable',
          `${host.name}: the jump host ${jump} can't connect to ${address} port ${port}: ${error.message}`,
          {
            host: host.name,
            hint: 'check that the host is up, and that the jump host may forward to it',
            cause: error,
          },
        ),
      );
    });
  });
}

async function remembered<Key, Value>(
  memory: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const made = memory.get(key) ?? make();
  memory.set(key, made);
  // A failure is told, and not kept.
  made.catch(() => memory.delete(key));
  return made;
}
