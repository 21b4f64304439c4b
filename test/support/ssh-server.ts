import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type ServerChannel } from 'ssh2';
import type { Host } from '../../src/model/host.ts';
import type { SshSettings } from '../../src/model/inventory.ts';
import { hostNamed } from './topology.ts';

/** An ssh server of this process, listening on 127.0.0.1. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** A host that is reached there, or wherever `settings` say, with the server's key pinned for that port. */
  host(settings?: Partial<SshSettings>): Host;
  /** Puts a file into the server's folder; resolves to its path. */
  write(name: string, text: string, mode?: number): string;
  read(name: string): string;
  /** A known_hosts file that has another key for it. */
  changed(): string;
  /** Ends all connections. */
  drop(): void;
  /** A key that it does not let in. */
  stranger(): string;
}

export interface SshServerOptions {
  /** For keys; it goes with the server. */
  readonly folder: string;
  /** Of what it runs. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs commands with the shell of this machine. What sshd does to them when their connection ends, it does too. */
export async function sshServer({ folder, environment }: SshServerOptions): Promise<SshServer> {
  const [hostKey, otherKey, userKey, strangerKey] = [1, 2, 3, 4].map(readableKeyPair);
  if (!hostKey || !otherKey || !userKey || !strangerKey) throw new Error('no keys');
  const write = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  const clients: { end(): unknown }[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    clients.push(client);
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      const known = ssh2.utils.parseKey(userKey.public);
      if (known instanceof Error || attempt.method !== 'publickey') return attempt.reject(['publickey']);
      const same = attempt.key.data.equals(known.getPublicSSH());
      return same ? attempt.accept() : attempt.reject(['publickey']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => serve(acceptExec(), command, environment));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const line = (key: string, at = port) => `[127.0.0.1]:${at} ${key}\n`;
  return {
    port,
    host(settings = {}) {
      const plain = hostNamed('ctl01', { address: '127.0.0.1', roles: ['control'] });
      const ssh = {
        ...plain.ssh,
        port,
        identityFiles: [write('user', userKey.private)],
        knownHosts: write('known', line(hostKey.public, settings.port)),
        ...settings,
      };
      return { ...plain, ssh };
    },
    write,
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
    changed: () => write('changed', line(otherKey.public)),
    drop: () => clients.forEach((client) => void client.end()),
    stranger: () => write('stranger', strangerKey.private),
    async [Symbol.asyncDispose]() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** ssh2 1.17 writes 9 of 3,000 ed25519 keys in a way that it can't read itself: another is made then. */
function readableKeyPair(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? readableKeyPair() : pair;
}

/**
 * In a session of its own, as sshd has it. When the connection goes, its stdin ends and nobody reads what it says any
 * more; without a terminal it gets no signal, and runs on.
 */
function serve(channel: ServerChannel, command: string, environment: Readonly<Record<string, string>>): void {
  const child = spawn('sh', ['-c', command], { env: environment, detached: true });
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on('close', () => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  });
  child.on('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
