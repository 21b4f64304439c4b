import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { nameLists, type Packet, sshPackets, sshString } from './ssh-packets.ts';
import { type KeyPair, readableKeyPair } from './ssh-server.ts';

/** Somebody who sits where a host is looked for. */
export interface Attacker extends AsyncDisposable {
  readonly port: number;
  /** What it could read of what was sent to it: logins, commands, their input; types of packets that nothing had sealed. */
  readonly read: readonly string[];
  /** Clients that came. */
  readonly clients: number;
}

/** A parsed key is taken for a text, which the types do not tell. */
type Wrapped = { readonly key: string; readonly passphrase: string };

export function parsedKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** What somebody has who knows a public key and not its private one: he shows it, and signs with his own. */
export function replayed({ public: victim }: Pick<KeyPair, 'public'>): ParsedKey {
  return showing(parsedKey(victim).getPublicSSH());
}

/** A key of our own that shows `blob` in place of its public part. */
export function showing(blob: Buffer): ParsedKey {
  const key = parsedKey(readableKeyPair().private);
  key.getPublicSSH = () => blob;
  return key;
}

interface ImpostorWishes {
  readonly address: string;
  /** What it says that it is. */
  readonly ident?: string;
  readonly onLogin?: (client: ssh2.Connection) => void;
}

/** An ssh server with these keys that lets in whoever comes, so that it hears what they want. */
export async function impostor(
  hostKeys: readonly (string | ParsedKey)[],
  { address, ident, onLogin }: ImpostorWishes,
): Promise<Attacker> {
  const read: string[] = [];
  let clients = 0;
  const wrapped = hostKeys.map((key) => ({ key, passphrase: '' })) as Wrapped[];
  const server = new ssh2.Server(
    { hostKeys: wrapped, ...(ident === undefined ? {} : { ident }) },
    (client) => {
      clients += 1;
      client.on('error', () => undefined);
      client.on('authentication', (attempt) => {
        read.push(`login of ${attempt.username} by ${attempt.method}`);
        attempt.accept();
      });
      client.on('ready', () => onLogin?.(client));
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => {
          read.push(`command ${command}`);
          const channel = acceptExec();
          channel.on('data', (chunk: Buffer) => read.push(`input ${chunk.toString()}`));
          channel.on('error', () => undefined);
        });
      });
    },
  );
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: portOf(server.address()),
    read,
    get clients() {
      return clients;
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** What is done to what goes through; what is left out goes through as it is. */
export interface Meddling {
  /** Packets of the key exchange, which nothing has sealed yet: those that are sent on in the place of one. */
  readonly packet?: (packet: Packet) => readonly Buffer[];
  /** Bytes of the host that are sealed; `at`: how many came before them. */
  readonly sealed?: (bytes: Buffer, at: number) => Buffer;
  /** Port of who answers, in the place of the host, a client that wants these host keys. */
  readonly answersInstead?: (hostKeyAlgorithms: readonly string[]) => number | undefined;
}

/** Tells a client that is in of another key, as OpenSSH does, and answers `proof` when it is asked to prove that it has it. */
export function tellsOfKey(client: ssh2.Connection, key: ParsedKey, proof: Buffer): void {
  // What OpenSSH's own server says and ssh2's can't.
  const { _protocol: protocol } = client as unknown as Inside;
  protocol.requestFailure = () => protocol.requestSuccess(proof);
  const payload = Buffer.concat([
    Buffer.from([globalRequest]),
    sshString('hostkeys-00@openssh.com'),
    Buffer.from([0]),
    sshString(key.getPublicSSH()),
  ]);
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  protocol._cipher.encrypt(write.finalize(packet));
}

const globalRequest = 80;

interface Inside {
  readonly _protocol: {
    requestFailure(): void;
    requestSuccess(data: Buffer): void;
    readonly _cipher: { encrypt(packet: Buffer): void };
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number;
        alloc(length: number): Buffer;
        finalize(packet: Buffer): Buffer;
      };
    };
  };
}

/** Carries to an ssh port of the same address, and meddles. */
export async function relay(
  { address, port }: { readonly address: string; readonly port: number },
  meddling: Meddling,
): Promise<Attacker> {
  const read: string[] = [];
  const sockets = new Set<Socket>();
  let clients = 0;
  const server = createServer({ noDelay: true }, (client) => {
    clients += 1;
    const host = connect({ host: address, port, noDelay: true });
    for (const socket of [client, host]) sockets.add(socket.on('error', () => undefined));
    void carry({ client, host, address }, { read, ...meddling });
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: portOf(server.address()),
    read,
    get clients() {
      return clients;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface Line {
  readonly client: Socket;
  readonly host: Socket;
  readonly address: string;
}

/** Client's banner and KEXINIT are held back until it is decided who answers: every server here has the same banner. */
async function carry(
  { client, host, address }: Line,
  {
    read,
    packet = ({ whole }) => [whole],
    sealed = (bytes) => bytes,
    answersInstead,
  }: Meddling & { read: string[] },
): Promise<void> {
  let other = host;
  let held: Buffer[] | undefined = [];
  let sealedBytes = 0;
  const decide = async (algorithms: readonly string[]) => {
    const instead = answersInstead?.(algorithms);
    if (instead !== undefined) {
      host.removeAllListeners('data').removeAllListeners('close').destroy();
      other = connect({ host: address, port: instead, noDelay: true });
      other.on('error', () => undefined);
      listenTo(other, { hasBanner: false });
    }
    for (const bytes of held ?? []) other.write(bytes);
    held = undefined;
  };
  const toOther = (bytes: Buffer) => (held === undefined ? other.write(bytes) : held.push(bytes));
  const listenTo = (speaker: Socket, { hasBanner }: { readonly hasBanner: boolean }) => {
    const hear = sshPackets('to-client', {
      banner: (line) => hasBanner && client.write(line),
      packet: (each) => packet(each).forEach((bytes) => void client.write(bytes)),
      sealed(bytes) {
        client.write(sealed(bytes, sealedBytes));
        sealedBytes += bytes.length;
      },
    });
    speaker.on('data', hear).on('close', () => client.end());
  };
  listenTo(host, { hasBanner: true });
  const hearClient = sshPackets('to-host', {
    banner: toOther,
    packet(each) {
      read.push(`packet ${each.type}`);
      packet(each).forEach(toOther);
      if (held !== undefined) void decide(nameLists(each)[1] ?? []);
    },
    sealed: toOther,
  });
  client.on('data', hearClient).on('close', () => other.end());
}

function portOf(bound: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (typeof bound === 'object' && bound !== null) return bound.port;
  throw new Error('it does not listen on a port');
}
