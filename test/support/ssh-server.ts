import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ServerChannel } from 'ssh2';
import type { Host } from '../../src/model/host.ts';
import type { SshSettings } from '../../src/model/inventory.ts';
import { hostNamed } from './topology.ts';

export type KeyPair = ReturnType<typeof ssh2.utils.generateKeyPairSync>;

/** ssh2 1.17 writes 9 of 3,000 ed25519 keys in a way that it can't read itself: another is made then. */
export function readableKeyPair(): KeyPair {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? readableKeyPair() : pair;
}

/** A folder for keys, pinned keys and inventories. */
export interface SshFolder extends Disposable {
  readonly path: string;
  /** Writes a file and says where it lies. */
  write(name: string, text: string, mode?: number): string;
}

export function sshFolder(path = mkdtempSync(join(tmpdir(), 'mcp-ssh-'))): SshFolder {
  return {
    path,
    write(name, text, mode = 0o600) {
      writeFileSync(join(path, name), text);
      chmodSync(join(path, name), mode);
      return join(path, name);
    },
    // A program whose connection is gone runs on, and may write here for another moment.
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
}

/** What becomes of a command that a client wants to have run. */
export type Serve = (command: string, channel: ServerChannel) => void;

/**
 * By a login shell of this machine, in a session of its own, as sshd has it. When the connection goes, its stdin ends and
 * nobody reads what it says any more; without a terminal it gets no signal, and runs on.
 */
const byShell =
  (environment: Readonly<Record<string, string>>, loginShell: string): Serve =>
  (command, channel) => {
    const child = spawn(loginShell, ['-c', command], { env: environment, detached: true });
    child.stdin.on('error', () => undefined);
    channel.on('error', () => undefined);
    channel.pipe(child.stdin);
    channel.on('close', () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    });
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    child.on('close', (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  };

/** By nobody: a reply to what came on stdin. */
export const byReply =
  (replyTo: (stdin: string) => string): Serve =>
  (command, channel) => {
    // What a shell would say by itself before it reads anything.
    const [, mark = ''] = /echo (\S+);/.exec(command) ?? [];
    channel.write(`${mark}\n`);
    channel.stderr.write(`${mark}\n`);
    const said: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => said.push(chunk));
    channel.on('end', () => {
      channel.write(replyTo(Buffer.concat(said).toString()));
      channel.exit(0);
      channel.end();
    });
  };

export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** Says goodbye to every client. */
  drop(): void;
}

export interface ServerOptions {
  readonly address?: string;
  /** Of each connection. */
  readonly maxSessions?: number;
  /** As one whose PAM hangs: it lets everybody in, and says nothing to whoever wants a session. */
  readonly opensNothing?: true;
  /** As a jump host does whose connection onwards is dead: what it forwards it never closes. */
  readonly forwards?: 'never closing';
}

/** An ssh server of this process on this machine alone, which lets in whoever has `userKey`. */
export async function sshServer(
  keys: { readonly hostKey: KeyPair; readonly userKey: KeyPair },
  serve: Serve,
  {
    address = '127.0.0.1',
    maxSessions = Number.POSITIVE_INFINITY,
    opensNothing,
    forwards,
  }: ServerOptions = {},
): Promise<SshServer> {
  const clients = new Set<{ end(): unknown }>();
  const server = new ssh2.Server({ hostKeys: [keys.hostKey.private] }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      const known = ssh2.utils.parseKey(keys.userKey.public);
      if (known instanceof Error || attempt.method !== 'publickey') return attempt.reject(['publickey']);
      const same = attempt.key.data.equals(known.getPublicSSH());
      return same ? attempt.accept() : attempt.reject(['publickey']);
    });
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (forwards === undefined) return void reject();
      const channel = accept();
      channel.close = () => undefined;
      const onwards = connect(destPort, destIP);
      onwards.on('error', () => undefined);
      channel.on('error', () => undefined);
      client.on('close', () => onwards.destroy());
      channel.pipe(onwards).pipe(channel);
    });
    let sessions = 0;
    client.on('session', (accept, reject) => {
      if (opensNothing === true) return;
      // As sshd does with MaxSessions: the channel is refused, the connection goes on.
      if (sessions >= maxSessions) return void reject();
      sessions += 1;
      const session = accept();
      session.on('close', () => {
        sessions -= 1;
      });
      session.on('exec', (acceptExec, _reject, { command }) => serve(command, acceptExec()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const drop = () => clients.forEach((client) => void client.end());
  return {
    port: (server.address() as AddressInfo).port,
    drop,
    async [Symbol.asyncDispose]() {
      drop();
      server.close();
    },
  };
}

/** The line of known_hosts that pins a key. */
export const pinned = (port: number, { public: key }: KeyPair, address = '127.0.0.1'): string =>
  `[${address}]:${port} ${key}\n`;

/** A host of this machine that is reached over ssh. */
export interface ShellServer extends SshServer {
  /** A host that is reached there, or wherever `settings` say, with the server's key pinned for that port. */
  host(settings?: Partial<SshSettings>): Host;
  /** Puts a file into the server's folder; resolves to its path. */
  write(name: string, text: string, mode?: number): string;
  read(name: string): string;
  /** A known_hosts file that has another key for it. */
  changed(): string;
  /** A key that it does not let in. */
  stranger(): string;
}

/** Runs commands by the shell of this machine, with keys in `folder`, which goes with it; one of its own unless said otherwise. */
export async function shellServer(
  wanted: {
    readonly folder?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly maxSessions?: number;
    readonly opensNothing?: true;
    readonly forwards?: 'never closing';
    /** What the user has as a shell. */
    readonly loginShell?: string;
  } = {},
): Promise<ShellServer> {
  const folder = sshFolder(wanted.folder);
  const environment = wanted.environment ?? {
    PATH: `${folder.path}:${process.env['PATH']}`,
    FOLDER: folder.path,
  };
  const [hostKey, userKey] = [readableKeyPair(), readableKeyPair()];
  const server = await sshServer(
    { hostKey, userKey },
    byShell(environment, wanted.loginShell ?? 'sh'),
    wanted,
  );
  return {
    port: server.port,
    drop: server.drop,
    host(settings = {}) {
      const plain = hostNamed('ctl01', { address: '127.0.0.1', roles: ['control'] });
      const ports = new Set([server.port, settings.port ?? server.port]);
      const ssh = {
        ...plain.ssh,
        port: server.port,
        identityFiles: [folder.write('user', userKey.private)],
        knownHosts: folder.write('known', [...ports].map((port) => pinned(port, hostKey)).join('')),
        ...settings,
      };
      return { ...plain, ssh };
    },
    write: folder.write,
    read: (name) => readFileSync(join(folder.path, name), 'utf8'),
    changed: () => folder.write('changed', pinned(server.port, readableKeyPair())),
    stranger: () => folder.write('stranger', readableKeyPair().private),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
