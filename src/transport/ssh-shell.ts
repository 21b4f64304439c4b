import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import { McpError } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import { connectionLost } from './connection.ts';
import type { Shell } from './shell.ts';

/** How to become root on a host. The password is asked for once, when the first host wants it. */
export type BecomeRoot =
  | { readonly kind: 'none' | 'passwordless' }
  | { readonly kind: 'password'; readonly password: () => Promise<Secret> };

export interface ShellWish {
  readonly host: string;
  readonly becomeRoot: BecomeRoot;
  readonly timeoutSeconds: number | undefined;
}

/** Starts `sh -s` as root in a channel of its own. */
export async function startSshShell(client: Client, wish: ShellWish): Promise<Shell> {
  const channel = await openChannel(client, commandFor(wish), wish.host);
  const shell = shellOver(channel);
  if (wish.becomeRoot.kind !== 'none') await passSudo(shell, wish.becomeRoot, wish.host);
  return shell;
}

/** sudo's prompt is a mark of ours, so the password is sent exactly when it is asked for, in any language. */
function commandFor({ becomeRoot, timeoutSeconds }: ShellWish): string {
  const shell = timeoutSeconds === undefined ? 'sh -s' : `timeout -k 5 ${Math.ceil(timeoutSeconds)} sh -s`;
  const marked = `sh -c 'echo ${readyMark}; exec ${shell}'`;
  switch (becomeRoot.kind) {
    case 'none':
      return shell;
    case 'passwordless':
      return `sudo -n ${marked}`;
    case 'password':
      return `sudo -S -k -p ${passwordMark} ${marked}`;
  }
}

const readyMark = 'mcp-is-root';
const passwordMark = 'mcp-asks-for-password:';

async function openChannel(client: Client, command: string, host: string): Promise<ClientChannel> {
  for (let attempt = 1; ; attempt += 1) {
    const opened = await tryChannel(client, command, host);
    if (!(opened instanceof Error)) return opened;
    // A refused channel means too many sessions at this moment; anything else means that the connection is gone.
    if (!('reason' in opened) || opened.reason === undefined || attempt === 3)
      throw connectionLost(host, opened);
    await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
  }
}

function tryChannel(client: Client, command: string, host: string): Promise<ClientChannel | Error> {
  return new Promise((resolve, reject) => {
    try {
      client.exec(command, (error, channel) => resolve(error ?? channel));
    } catch (cause) {
      reject(connectionLost(host, cause));
    }
  });
}

function shellOver(channel: ClientChannel): Shell {
  let exitCode: number | undefined;
  let settle: (code: number | undefined) => void = () => undefined;
  channel.on('exit', (code: number | null, signal?: NodeJS.Signals) => {
    exitCode = code ?? 128 + (signal === undefined ? 0 : constants.signals[signal]);
  });
  // A write after the far end has gone; the close that follows tells the outcome.
  channel.on('error', () => undefined);
  const ended = new Promise<number | undefined>((resolve) => {
    settle = resolve;
  });
  channel.on('close', () => settle(exitCode));
  const abandon = () => {
    channel.close();
    settle(undefined);
  };
  return { stdin: channel, stdout: channel, stderr: channel.stderr, ended, abandon };
}

async function passSudo(shell: Shell, becomeRoot: BecomeRoot, host: string): Promise<void> {
  let said = '';
  let asked = 0;
  const listen = (heard: (text: string) => void) => (chunk: Buffer) => heard(chunk.toString());
  let silence: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const awaitWords = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        shell.abandon();
        reject(sudoSilent(host));
      }, sudoSeconds * 1000);
    };
    awaitWords();
    const refuse = () => reject(sudoRefused(host, said));
    const onStderr = listen((text) => {
      said += text;
      const prompts = said.split(passwordMark).length - 1;
      if (prompts === asked || becomeRoot.kind !== 'password') return;
      asked = prompts;
      if (asked > 1) {
        // Another try would only bring a lock-out nearer.
        shell.abandon();
        refuse();
        return;
      }
      // Whoever types it may take their time.
      clearTimeout(silence);
      becomeRoot.password().then((password) => {
        awaitWords();
        shell.stdin.write(`${password.reveal()}\n`);
      }, reject);
    });
    const onStdout = listen((text) => {
      if (!text.startsWith(readyMark)) return;
      shell.stdout.off('data', onStdout);
      shell.stderr.off('data', onStderr);
      resolve();
    });
    shell.stdout.on('data', onStdout);
    shell.stderr.on('data', onStderr);
    shell.ended.then((code) => (code === undefined ? reject(connectionLost(host)) : refuse()), reject);
  }).finally(() => clearTimeout(silence));
}

/** What PAM and a directory of users may take where the first server of it does not answer. */
const sudoSeconds = 60;

const sudoSilent = (host: string): McpError =>
  new McpError('sudo-refused', `${host}: sudo said nothing for ${sudoSeconds} s`, {
    host,
    hint: 'try `sudo true` there: what it asks (PAM, a directory of users) may not answer',
  });

function sudoRefused(host: string, said: string): McpError {
  const words = said
    .replaceAll(passwordMark, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ');
  return new McpError(
    'sudo-refused',
    `${host}: sudo refused to run our shell as root${words === '' ? '' : `: ${words}`}`,
    {
      host,
      hint: 'check the password, ssh.sudo in the inventory, and the sudoers rule of the user',
    },
  );
}
