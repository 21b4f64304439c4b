import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, ClientErrorExtensions, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import { McpError } from '../model/failure.ts';
import { isGoodbye, isOfHandshake, keyUnproven, nothingInCommon, offered } from './handshake.ts';
import {
  algorithmsFor,
  type Endpoint,
  fingerprintOfKey,
  judgeKey,
  type KnownHost,
  keyTypeOf,
  linesFor,
  nameInKnownHosts,
} from './known-hosts.ts';
import type { Login } from './login.ts';
import type { Patience } from './patience.ts';
import { interruptedAt } from './unless-aborted.ts';

/** Whom to log in to, and what is known of it. */
export interface SshTarget extends Endpoint {
  /** For messages: the host's name in the inventory. */
  readonly host: string;
  readonly user: string;
  readonly login: Login;
  readonly knownHosts: readonly KnownHost[];
  readonly knownHostsFile: string;
  readonly patience: Patience;
  /** Ends the attempt. */
  readonly signal: AbortSignal | undefined;
  /** A stream through a jump host, in place of a TCP connection of our own. */
  readonly through: Duplex | undefined;
}

export interface LoggedIn {
  readonly client: Client;
  /** Says goodbye and closes the connection. What the host answers to that is not waited for: it would be a round trip. */
  leave(): void;
  /**
   * Ends it at once, whatever the other end does. ssh2's own way does nothing to a connection that it has begun to end,
   * and the end of one that is half-open never comes.
   */
  readonly cut: () => void;
}

/** Connects, verifies the host's key and logs in. Throws McpError, each with the host, the user and the address. */
export function logIn(target: SshTarget): Promise<LoggedIn> {
  const client = new ssh2.Client();
  const socket = target.through ?? connectSocket(target);
  let phase: Phase = 'connecting';
  let refusal: McpError | undefined;
  let shown: Buffer | undefined;
  const verify = (key: Buffer) => {
    shown = key;
    refusal = refusalOf(target, key);
    return refusal === undefined;
  };
  const cut = () => {
    client.destroy();
    socket.destroy();
  };
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(interruptedAt(target.host));
      cut();
    };
    target.signal?.addEventListener('abort', giveUp, { once: true });
    const fail = (cause: Error & ClientErrorExtensions) => {
      // An agent that fails only means that its keys can't be used; the other ways follow.
      if (cause.level === 'agent') return;
      reject(refusal ?? failureIn(phase, { target, shown, cause }));
      cut();
    };
    client.on('connect', () => {
      phase = 'handshake';
    });
    client.on('handshake', () => {
      phase = 'login';
    });
    client.on('error', fail);
    client.on('close', () => fail(closedByTheHost()));
    client.on('ready', () => {
      client.removeAllListeners('error').removeAllListeners('close');
      // What comes in the same breath must not find nobody to tell: whoever gets the client listens a moment later.
      client.on('error', cut);
      // Through a jump host the close may never follow.
      client.on('end', cut);
      target.signal?.removeEventListener('abort', giveUp);
      resolve({ client, leave: () => leave(client, socket), cut });
    });
    client.connect(configFor(target, { socket, verify }));
  });
}

/** Says nothing about our keys: sshd that has had enough of them says so before it closes. */
const closedByTheHost = (): Error & ClientErrorExtensions =>
  Object.assign(new Error('the host closed the connection'), { level: 'client-socket' });

/** Ends a connection in good order, and after a while without that. */
export async function logOut(
  { client, leave: sayGoodbye, cut }: LoggedIn,
  patience: Patience,
): Promise<void> {
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  const isClosed = new AbortController();
  const longest = pause(patience.close, undefined, { signal: isClosed.signal }).catch(() => undefined);
  sayGoodbye();
  await Promise.race([closed, longest]);
  isClosed.abort();
  cut();
}

type Phase = 'connecting' | 'handshake' | 'login';

function connectSocket({ address, port, patience }: SshTarget): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  // The handshake may take its time on a busy host; a kernel that is there answers at once.
  const silent = new Error(`no answer within ${patience.connect / 1000} s`);
  const timer = setTimeout(() => socket.destroy(silent), patience.connect);
  socket.once('connect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  return socket.connect({ host: address, port });
}

function leave(client: Client, socket: Duplex): void {
  client.end();
  // A stream through a jump host ends with the connection to that.
  if (socket instanceof Socket) socket.destroySoon();
}

interface Wiring {
  readonly socket: Duplex;
  readonly verify: (key: Buffer) => boolean;
}

function configFor(target: SshTarget, { socket, verify }: Wiring): ConnectConfig {
  const lines = linesFor(target.knownHosts, target, [target.host]);
  return {
    sock: socket,
    username: target.user,
    readyTimeout: target.patience.login,
    keepaliveInterval: target.patience.keepalive,
    keepaliveCountMax: 3,
    algorithms: offered(algorithmsFor(lines)),
    hostVerifier: verify,
    // A list of our own leaves out the method "none", which costs a round trip and only asks what else there is.
    authHandler: [...target.login.methods],
  };
}

function refusalOf(target: SshTarget, publicKey: Buffer): McpError | undefined {
  const keyType = keyTypeOf(publicKey);
  const key = publicKey.toString('base64');
  const lines = linesFor(target.knownHosts, target, [target.host]);
  const shown = `${keyType} ${fingerprintOfKey(key)}`;
  const who = `${target.host} (${nameInKnownHosts(target)})`;
  switch (judgeKey(lines, keyType, key)) {
    case 'known':
      return undefined;
    case 'unknown': {
      const signed = lines.some(({ marker }) => marker === 'cert-authority')
        ? `${target.knownHostsFile} trusts it by an authority's certificate, which mcp does not check; `
        : '';
      return new McpError('host-key-unknown', `${who} shows a host key that is not pinned: ${shown}`, {
        host: target.host,
        hint: `${signed}compare it with the host's own, then pin it in ${target.knownHostsFile} with \`mcp trust\``,
      });
    }
    case 'revoked':
      return new McpError(
        'host-key-changed',
        `${who} shows a host key that is revoked in ${target.knownHostsFile}: ${shown}`,
        {
          host: target.host,
          hint: 'do not log in to this host before you know why',
        },
      );
    case 'changed':
      return new McpError(
        'host-key-changed',
        `${who} shows another host key than the pinned one: ${shown}, pinned ${pinnedKeys(lines)}`,
        {
          host: target.host,
          hint: `if it was installed anew, run \`mcp trust --replace ${target.host}\`; if not, someone may stand in between`,
        },
      );
  }
}

const pinnedKeys = (lines: readonly KnownHost[]): string =>
  lines
    .filter(({ marker }) => marker === undefined)
    .map(({ keyType, key }) => `${keyType} ${fingerprintOfKey(key)}`)
    .join(', ');

interface Failed {
  readonly target: SshTarget;
  /** The host key that was shown. */
  readonly shown: Buffer | undefined;
  readonly cause: Error & ClientErrorExtensions;
}

function failureIn(phase: Phase, { target, shown, cause }: Failed): McpError {
  const { host, user, address, port, login } = target;
  const where = `${user}@${address} port ${port}`;
  if (phase === 'handshake' && isOfHandshake(cause))
    return shown === undefined ? nothingInCommon(target, cause) : keyUnproven(target, shown, cause);
  if (phase === 'login' && isRefusal(cause)) {
    const tried =
      login.tried.length === 0 ? 'there is no key and no agent to try' : `tried: ${login.tried.join(', ')}`;
    return new McpError('login-refused', `${host}: the login ${where} was refused (${tried})`, {
      host,
      hint: [...login.hints, 'check ssh.user and ssh.identityFile, and authorized_keys on the host'].join(
        '; ',
      ),
      cause,
    });
  }
  return new McpError('unreachable', `${host}: can't connect to ${where}: ${cause.message}`, {
    host,
    hint: 'check that the host is up, its address and ssh.port, and the way to it',
    cause,
  });
}

/** Either it wants none of our keys, or it has had enough of them and says so. All else says nothing about them. */
const isRefusal = (cause: Error & ClientErrorExtensions): boolean =>
  cause.level === 'client-authentication' || isGoodbye(cause);
