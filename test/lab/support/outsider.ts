import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { command, type LabOf } from './mcp.ts';
import { readyWatcher, type Watcher } from './watcher.ts';

/** Who is in a lab's network and of nobody's cloud: programs of this machine run there. */
export interface Outsider {
  readonly address: string;
  /** Below /run/netns. */
  readonly namespace: string;
}

/** An outsider of a lab that is up. */
export async function outsiderOf(lab: LabOf, name: string): Promise<Outsider> {
  const { stdout } = await lab.must('lab status', '--json');
  const outsiders: readonly (Outsider & { readonly name: string })[] = JSON.parse(stdout).outsiders;
  const found = outsiders.find((outsider) => outsider.name === name);
  if (found === undefined) throw new Error(`the lab has no outsider ${name}: ${stdout}`);
  return { ...found, address: found.address.split('/')[0] ?? '' };
}

/** The open TCP ports of an address, and the number of those that did not even refuse. */
interface Scanned {
  readonly open: readonly number[];
  readonly silent: number;
}

/** All TCP ports of some addresses, in a second or two each. */
export const scanPorts = (
  { namespace, address }: Outsider,
  addresses: readonly string[],
): Promise<Readonly<Record<string, Scanned>>> => askedIn(namespace, 'port-scan.py', [address, ...addresses]);

/** What TLS a place speaks: versions that a client which checks certificates gets through with, and suites of all versions. */
interface TlsSpoken {
  readonly verified: readonly string[];
  readonly agreed: Readonly<Record<string, readonly string[]>>;
}

interface TlsQuestion {
  readonly authority: string;
  readonly hostname: string;
  /** ADDRESS:PORT. */
  readonly places: readonly string[];
}

export const probeTls = (
  { namespace }: Outsider,
  { authority, hostname, places }: TlsQuestion,
): Promise<Readonly<Record<string, TlsSpoken>>> =>
  askedIn(namespace, 'tls-probe.py', [authority, hostname, ...places]);

/** What comes back for a datagram, by place (ADDRESS:PORT): `silence`, `unreachable` or the answer in hex. */
export const askDatagram = (
  { namespace }: Outsider,
  words: Buffer,
  places: readonly string[],
): Promise<Readonly<Record<string, string>>> =>
  askedIn(namespace, 'ask-datagram.py', [words.toString('hex'), ...places]);

interface Claim {
  readonly vip: string;
  readonly routerId: number;
  /** Who is told. */
  readonly peers: readonly string[];
}

/** Says to be the master of a VIP, with the highest priority, until it is told to end; tells the number of adverts sent. */
export const claimVip = (
  { namespace }: Outsider,
  { vip, routerId, peers }: Claim,
): Promise<Watcher<number>> => watcherIn(namespace, 'claim-vip.py', [`${routerId}`, vip, ...peers]);

/** What TCP carried past a card: the ends of each segment as ADDRESS:PORT, and its payload. */
interface Heard {
  readonly from: string;
  readonly to: string;
  readonly payload: Buffer;
}

interface Ear {
  readonly namespace: string;
  /** `br0` in a lab's namespace hears everything, as a port does to which the switch copies all others. */
  readonly card: string;
  readonly ports: readonly number[];
}

/** Listens to some TCP ports until it is told to end. */
export async function listen({ namespace, card, ports }: Ear): Promise<Watcher<readonly Heard[]>> {
  const words = [card, ...ports.map(String)];
  const watcher = await watcherIn<readonly (readonly [string, string, string])[]>(
    namespace,
    'wire-listen.py',
    words,
  );
  return {
    async finish() {
      const segments = await watcher.finish();
      return segments.map(([from, to, payload]) => ({ from, to, payload: Buffer.from(payload, 'base64') }));
    },
  };
}

/** One of the programs beside this file, of those that run until they are told to end. */
const watcherIn = <Seen>(
  namespace: string,
  program: string,
  words: readonly string[],
): Promise<Watcher<Seen>> =>
  readyWatcher(
    spawn('nsenter', [network(namespace), 'python3', '-B', programOf(program), ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );

/** What one of the programs beside this file prints as JSON. */
async function askedIn<Answer>(
  namespace: string,
  program: string,
  words: readonly string[],
): Promise<Answer> {
  const asked = [network(namespace), 'python3', '-B', programOf(program), ...words];
  const { exitCode, stdout, output } = await command('nsenter', asked);
  if (exitCode !== 0) throw new Error(`${program} exited ${exitCode}: ${output}`);
  return JSON.parse(stdout);
}

const network = (namespace: string): string => `--net=/run/netns/${namespace}`;

const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
