import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AnyAuthMethod } from 'ssh2';
import ssh2 from 'ssh2';
import { McpError } from '../model/failure.ts';
import type { SshSettings } from '../model/inventory.ts';
import { readRegularFile } from './read-regular-file.ts';

/** Ways to log in, best first, and what the operator must know when all of them are refused. */
export interface Login {
  readonly methods: readonly AnyAuthMethod[];
  /** Names of the methods, in the same order: "key /root/.ssh/id_ed25519", "agent". */
  readonly tried: readonly string[];
  readonly hints: readonly string[];
}

/**
 * Keys that the inventory names come first and the agent after them, since a full agent uses up the tries that a server
 * allows. Without such keys: the agent, then OpenSSH's default keys.
 */
export async function loginFor(
  { user, identityFiles }: Pick<SshSettings, 'user' | 'identityFiles'>,
  agentSocket: string | undefined,
): Promise<Login> {
  const explicit = identityFiles.length > 0;
  const files = explicit ? identityFiles : defaultKeyFiles();
  const keys = (await Promise.all(files.map((file) => readKey(file, explicit)))).filter(
    (key) => key !== undefined,
  );
  const usable = keys.filter(({ encrypted }) => !encrypted);
  const byKey = usable.map(
    ({ file, text }): Way => ({
      name: `key ${file}`,
      method: { type: 'publickey', username: user, key: text },
    }),
  );
  const byAgent: Way[] =
    agentSocket === undefined || agentSocket === ''
      ? []
      : [{ name: 'agent', method: { type: 'agent', username: user, agent: agentSocket } }];
  const ways = explicit ? [...byKey, ...byAgent] : [...byAgent, ...byKey];
  return {
    methods: ways.map(({ method }) => method),
    tried: ways.map(({ name }) => name),
    hints: keys
      .filter(({ encrypted }) => encrypted)
      .map(({ file }) => `key ${file} has a passphrase: add it to the agent with \`ssh-add ${file}\``),
  };
}

interface Way {
  readonly name: string;
  readonly method: AnyAuthMethod;
}

interface Key {
  readonly file: string;
  readonly text: string;
  readonly encrypted: boolean;
}

function defaultKeyFiles(): readonly string[] {
  try {
    return ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(homedir(), '.ssh', name));
  } catch {
    // A user without a home has no keys there, and may have an agent.
    return [];
  }
}

async function readKey(file: string, required: boolean): Promise<Key | undefined> {
  const text = await readRegularFile(file).catch((cause: unknown) => {
    if (!required) return undefined;
    throw new McpError('login-refused', `the ssh key ${file} can't be read`, {
      hint: 'correct ssh.identityFile in the inventory',
      cause,
    });
  });
  if (text === undefined) return undefined;
  const encrypted = isEncrypted(text);
  if (!encrypted && ssh2.utils.parseKey(text) instanceof Error) {
    if (!required) return undefined;
    throw new McpError('login-refused', `${file} is no private ssh key`, {
      hint: 'name the private key in ssh.identityFile, not the .pub file',
    });
  }
  return { file, text, encrypted };
}

/** OpenSSH's own format names its cipher after a magic word; older PEM files say it in a header. */
function isEncrypted(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED$|^-----BEGIN ENCRYPTED /m.test(text)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, 'base64');
  const start = 'openssh-key-v1\0'.length;
  return bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start)).toString('latin1') !== 'none';
}
