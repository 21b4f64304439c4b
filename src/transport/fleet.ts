import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Secret } from '../model/secret.ts';
import type { Connect, Connection } from '../model/transport.ts';
import { connectionOver } from './connection.ts';
import { type Patience, usualPatience } from './patience.ts';
import { sessionsOver } from './sessions.ts';
import { createAccess, type SshAccess } from './ssh-access.ts';
import type { BecomeRoot } from './ssh-shell.ts';
import { unlessAborted } from './unless-aborted.ts';

/** The ways to all hosts of an inventory. Disposing of it closes every connection. */
export interface Fleet extends AsyncDisposable {
  /** The connection to a host: opened when it is first asked for, kept, and opened again after it was lost. */
  readonly connect: Connect;
  /** Begins to log in to every one of `hosts`; how it went is told to whoever first connects. */
  connectAhead(hosts: readonly string[]): void;
  /** Another connection with a TCP handshake and login of its own: what proves that a host still lets us in. */
  readonly connectAfresh: Connect;
}

/** A fleet to which hosts can be added. */
export interface OpenFleet extends Fleet {
  /** Makes hosts known that were not when it was made: those that leave a cloud stand in no inventory. */
  admit(hosts: readonly Host[]): void;
}

export interface FleetOptions {
  /** Asked for once, when the first host with `sudo: password` wants it. */
  readonly sudoPassword?: () => Promise<Secret>;
  /** Path of the ssh agent's socket; by default `SSH_AUTH_SOCK` of the environment. */
  readonly agentSocket?: string | undefined;
  /** Logins at a time. */
  readonly parallel?: number;
  /** How long is waited for a host that does not answer. */
  readonly patience?: Patience;
}

/** A fleet over ssh, one connection a host. */
export function createFleet(hosts: readonly Host[], options: FleetOptions = {}): OpenFleet {
  const { patience = usualPatience } = options;
  const access = createAccess({
    agentSocket: 'agentSocket' in options ? options.agentSocket : process.env['SSH_AUTH_SOCK'],
    patience,
  });
  const sudoPassword = askOnce(options.sudoPassword ?? nobodyToAsk);
  const limit = pLimit(options.parallel ?? 32);
  const known = new Map(hosts.map((host) => [host.name, host]));
  const fleet = keptConnections(async (name, signal) => {
    const host = known.get(name);
    if (host === undefined) throw new Error(`no host ${name} in this fleet`);
    return limit(() => open(host, { access, sudoPassword, patience, signal }));
  }, access);
  return {
    ...fleet,
    admit(more) {
      for (const host of more) known.set(host.name, host);
    },
  };
}

/** A connection and whether it still stands. */
export interface Opened {
  readonly connection: Connection;
  isOpen(): boolean;
}

/** Keeps what `open` opens, one connection a host, until the fleet is disposed of. */
export function keptConnections(
  open: (host: string, signal?: AbortSignal) => Promise<Opened>,
  alsoDispose?: AsyncDisposable,
): Fleet {
  const kept = new Map<string, Promise<Opened>>();
  /** Begun ahead, and nobody has asked for it yet. */
  const unclaimed = new Set<string>();
  const all = new Set<Opened>();
  // Whoever leaves does not wait for hosts that are still letting us in, or never will.
  const leaving = new AbortController();
  // Each login listens, and more than ten hosts are no leak.
  setMaxListeners(0, leaving.signal);
  const openAndNote = async (host: string, signal?: AbortSignal) => {
    const ends = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    const opened = await open(host, ends);
    all.add(opened);
    return opened;
  };
  return {
    connectAhead(hosts) {
      for (const host of hosts.filter((name) => !kept.has(name))) {
        const opening = openAndNote(host);
        opening.catch(() => undefined);
        kept.set(host, opening);
        unclaimed.add(host);
      }
    },
    async connect(host, signal) {
      const existing = kept.get(host);
      if (existing !== undefined && unclaimed.delete(host)) return (await existing).connection;
      const standing = await existing?.catch(() => undefined);
      if (standing?.isOpen() === true) return standing.connection;
      // Somebody else may have begun to open it anew while we looked.
      const opening = kept.get(host) === existing ? openAndNote(host, signal) : kept.get(host);
      if (opening === undefined) throw new Error(`no connection to ${host} is being opened`);
      kept.set(host, opening);
      return (await opening).connection;
    },
    connectAfresh: async (host, signal) => (await openAndNote(host, signal)).connection,
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await Promise.allSettled(kept.values());
      await Promise.all([...all].map(({ connection }) => connection[Symbol.asyncDispose]()));
      await alsoDispose?.[Symbol.asyncDispose]();
    },
  };
}

interface Opening {
  readonly access: SshAccess;
  readonly sudoPassword: () => Promise<Secret>;
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
}

async function open(host: Host, { access, sudoPassword, patience, signal }: Opening): Promise<Opened> {
  const first = await unlessAborted(() => access.logInTo(host, signal), {
    host: host.name,
    signal,
    discard: (late) => late.cut(),
  });
  const { name, ssh } = host;
  const becomeRoot: BecomeRoot =
    ssh.sudo === 'password' ? { kind: 'password', password: sudoPassword } : { kind: ssh.sudo };
  // Whoever began may have been interrupted since, and what cleans up after that needs shells, too.
  const logInAgain = () => access.logInTo(host, undefined);
  const sessions = sessionsOver({ host: name, first, logInAgain, patience });
  const connection = connectionOver({
    host: name,
    startShell: (timeoutSeconds) =>
      sessions.startShell({ host: name, user: ssh.user, becomeRoot, timeoutSeconds }),
    patience,
    close: sessions.close,
  });
  return { connection, isOpen: sessions.isOpen };
}

function askOnce(ask: () => Promise<Secret>): () => Promise<Secret> {
  let answer: Promise<Secret> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

const nobodyToAsk = (): Promise<Secret> =>
  Promise.reject(
    new McpError('sudo-refused', 'sudo needs a password and there is no terminal to ask for it', {
      hint: 'run it on a terminal, or give the user a NOPASSWD rule and set ssh.sudo to passwordless',
    }),
  );
