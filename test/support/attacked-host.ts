import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import ssh2 from 'ssh2';
import { expect } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { fingerprintOfKey } from '../../src/transport/known-hosts.ts';
import { type Attacker, impostor, type Meddling, parsedKey, relay, tellsOfKey } from './attacker.ts';
import { type HostsOverSsh, hostsOverSsh } from './hosts-over-ssh.ts';
import { outputInto } from './output.ts';
import { type KeyPair, pinned } from './ssh-server.ts';

/** What a verb came to. */
interface Came {
  readonly exitCode: number | null;
  readonly said: string;
}

export type Verb = 'trust' | 'plan' | 'deploy';
export const verbs: readonly Verb[] = ['trust', 'plan', 'deploy'];

/** Runs the program; resolves with what it came to. */
export type RunMcp = (words: readonly string[], home: string) => Promise<Came>;

/** Where ctl02 is looked for. */
export const address = '127.0.77.12';

/** Five hosts over ssh, of which somebody is in front of ctl02, whose ed25519 key is pinned. The others are who they are. */
export interface AttackedHost extends AsyncDisposable {
  readonly hostKey: KeyPair;
  readonly fingerprint: string;
  /** Where ctl02 itself listens. */
  readonly port: number;
  /**
   * The verbs come by, with ctl02 looked for where the attacker is. Fails where a known_hosts file is other than before.
   */
  through(attacker: Pick<Attacker, 'port'>, wishes?: Wishes): Promise<Readonly<Record<Verb, Came>>>;
  /** Somebody who carries to it. */
  relayed(meddling: Meddling): Promise<Attacker>;
}

interface Wishes {
  /** Behind this one. */
  readonly jump?: JumpHost;
  /** Without the others: a deploy that is let in would be carried out, which these hosts do not do. */
  readonly only?: readonly Verb[];
}

interface JumpHost {
  readonly port: number;
  readonly key: string;
}

export async function attackedHost(run: RunMcp): Promise<AttackedHost> {
  const hosts = await hostsOverSsh();
  hosts.become(hosts.fresh);
  const inventory = readFileSync(hosts.inventory, 'utf8');
  const port = Number(/ctl02: \{ ssh: \{ port: (\d+)/.exec(inventory)?.[1]);
  const folders = attackedInventories({ hosts, inventory, port });
  return {
    hostKey: hosts.hostKey,
    fingerprint: fingerprint(hosts.hostKey.public),
    port,
    relayed: (meddling) => relay({ address, port }, meddling),
    async through(attacker, { jump, only = verbs } = {}) {
      const { file, knownHosts, known } = folders(attacker, jump);
      const came: [Verb, Came][] = [];
      for (const verb of only) {
        const words = [verb, '-i', file, ...(verb === 'plan' ? [] : ['--yes'])];
        came.push([verb, await run(words, hosts.folder.path)]);
      }
      expect(await readFile(knownHosts, 'utf8')).toBe(known);
      return Object.fromEntries(came) as Record<Verb, Came>;
    },
    [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose](),
  };
}

interface Attacked {
  readonly hosts: HostsOverSsh;
  readonly inventory: string;
  readonly port: number;
}

/** An inventory and its known_hosts file for every attacker. */
function attackedInventories({ hosts, inventory, port: realPort }: Attacked) {
  let made = 0;
  return ({ port }: Pick<Attacker, 'port'>, jump?: JumpHost) => {
    made += 1;
    const known =
      hosts.pin() +
      pinned(port, hosts.hostKey, address) +
      (jump === undefined ? '' : `[127.0.0.1]:${jump.port} ${jump.key}\n`);
    const hop = jump === undefined ? '' : `, jump: 'root@127.0.0.1:${jump.port}'`;
    const attacked = inventory
      .replace(`ssh: { port: ${realPort} }`, `ssh: { port: ${port}${hop} }`)
      .replace('knownHosts: known_hosts', `knownHosts: known-${made}`);
    return {
      known,
      knownHosts: hosts.folder.write(`known-${made}`, known),
      file: hosts.folder.write(`attacked-${made}.yaml`, attacked),
    };
  };
}

/** In this process, from its arguments to its exit code. */
export const inThisProcess: RunMcp = async (words) => {
  const lines: string[] = [];
  process.exitCode = undefined;
  const exitCode = await runProgram(['node', 'mcp', ...words], outputInto(lines));
  process.exitCode = undefined;
  return { exitCode, said: lines.join('\n') };
};

const loadingSource = ['--import', 'tsx', '--import', './bin/load-shell.mjs', 'src/cli/main.ts'];

export const asProcess: RunMcp = async (words, home) => {
  const child = spawn('node', [...loadingSource, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home, XDG_STATE_HOME: home },
  });
  const [out, complaints, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { exitCode, said: `${out}${complaints}` };
};

export const fingerprint = (publicKey: string): string => fingerprintOfKey(publicKey.split(' ')[1] ?? '');

export const ecdsa = (): KeyPair => ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

/** What anybody hears before anything is sealed: KEXINIT, the key exchange, NEWKEYS, and goodbye. It holds nothing of ours. */
const greetings = /^packet (1|20|21|30)$/;

/** What an attacker has learnt besides. */
export const learnt = ({ read }: Attacker): readonly string[] => read.filter((each) => !greetings.test(each));

/** A run that ends because ctl02 is not believed, with these words among those that it says. */
export const refusing = (...words: readonly string[]) => ({
  exitCode: 4,
  said: expect.stringMatching(
    new RegExp(['ctl02', ...words].map((each) => `(?=[^]*${quoted(each)})`).join('')),
  ),
});

export const quoted = (words: string): string => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Somebody with the pinned key and one of his own who tells of that as OpenSSH does, and proves it like this. */
export function tellingOf(
  own: KeyPair,
  { hostKey, proof }: { readonly hostKey: KeyPair; readonly proof: Buffer },
) {
  return impostor([hostKey.private, own.private], {
    address,
    ident: 'OpenSSH_9.2p1',
    onLogin: (client) => tellsOfKey(client, parsedKey(own.public), proof),
  });
}
