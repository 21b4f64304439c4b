import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import { McpError } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import { connectionLost, inOneLine, replyTooLong } from './connection.ts';
import type { Patience } from './patience.ts';
import type { Shell } from './shell.ts';
import { listenForMark, shellMark } from './shell-mark.ts';

/** How to become root on a host. The password is asked for once, when the first host wants it. */
export type BecomeRoot =
  | { readonly kind: 'none' | 'passwordless' }
  | { readonly kind: 'password'; readonly password: () => Promise<Secret> };

export interface ShellWish {
  readonly host: string;
  /** Who is logged in. */
  readonly user: string;
  readonly becomeRoot: BecomeRoot;
  readonly timeoutSeconds: number | undefined;
  readonly patience: Patience;
}

/** Starts `sh -s` as root in a channel of its own. `refused`: sshd takes no further session on this connection now. */
export async function startSshShell(client: Client, wish: ShellWish): Promise<Shell | 'refused'> {
  const channel = await openChannel(client, wish);
  if (channel === 'refused') return channel;
  const shell = shellOver(channel);
  // To wait for the mark of every shell would cost time; who reads its answer finds it there.
  if (wish.becomeRoot.kind === 'none') return { ...shell, mark: shellMark };
  await passSudo(shell, wish);
  return shell;
}

/**
 * In words that every login shell reads alike. What a login brings along (its umask, its language) says nothing about what
 * we do there; nor does its .bashrc, which a bash reads that sshd has started, or that takes itself for that: one whose
 * level is the first (`run_startup_files` in bash's shell.c). dash counts no levels, so ours is told. sudo's prompt is a mark
 * of ours, so the password is sent exactly when it is asked for, in any language.
 */
function commandFor({ becomeRoot, timeoutSeconds }: ShellWish): string {
  const shell = timeoutSeconds === undefined ? 'sh -s' : `timeout -k 5 ${Math.ceil(timeoutSeconds)} sh -s`;
  const settled = 'umask 022; LC_ALL=C.UTF-8; SHLVL=1; export LC_ALL SHLVL';
  const marked = `sh -c '${settled}; echo ${shellMark}; echo ${shellMark} >&2; exec ${shell}'`;
  switch (becomeRoot.kind) {
    case 'none':
      return marked;
    case 'passwordless':
      return `sudo -n ${marked}`;
    case 'password':
      return `sudo -S -k -p '${passwordPrompt}' ${marked}`;
  }
}

/** sudo makes one percent sign of two, so that a login shell which shows each command can't be taken for sudo. */
const passwordPrompt = 'mcp-asks-for%%password:';
const passwordMark = passwordPrompt.replace('%%', '%');

async function openChannel(client: Client, wish: ShellWish): Promise<ClientChannel | 'refused'> {
  const { host } = wish;
  for (let attempt = 1; ; attempt += 1) {
    const opened = await withinPatience(tryChannel(client, commandFor(wish), host), wish);
    if (!(opened instanceof Error)) return opened;
    // A refused channel means too many sessions at this moment; anything else means that the connection is gone.
    if (!('reason' in opened) || opened.reason === undefined) throw connectionLost(host, opened);
    if (attempt === 3) return 'refused';
    await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
  }
}

/** A session that is begun is none yet: PAM, and where the home of the user is, may hang before sshd says a word. */
async function withinPatience(
  opening: Promise<ClientChannel | Error>,
  { host, patience }: ShellWish,
): Promise<ClientChannel | Error> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(sessionSilent(host, patience)), patience.session);
  });
  try {
    return await Promise.race([opening, tooLate]);
  } catch (failure) {
    opening.then(
      (late) => late instanceof Error || late.close(),
      () => undefined,
    );
    throw failure;
  } finally {
    clearTimeout(timer);
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

/** Resolves once our shell has begun: what comes from then on is its own. */
async function passSudo(shell: Shell, { becomeRoot, host, user, patience }: ShellWish): Promise<void> {
  let said = '';
  let greeting = '';
  let bytes = 0;
  const begun = { stdout: false, stderr: false };
  const onMark = { stdout: listenForMark(), stderr: listenForMark() };
  let asked = 0;
  const listen = (heard: (text: string) => void) => (chunk: Buffer) => {
    bytes += chunk.length;
    heard(chunk.toString());
  };
  let silence: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const awaitWords = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        shell.abandon();
        reject(sudoSilent(host, patience));
      }, patience.session);
    };
    awaitWords();
    // A login shell that lets nobody in says so on the other stream.
    const refuse = (code?: number) =>
      reject(sudoRefused({ host, user, becomeRoot, said: said.trim() === '' ? greeting : said, code }));
    const hear = (stream: keyof typeof begun, text: string) => {
      begun[stream] = onMark[stream](text) !== undefined;
      if (begun.stdout && begun.stderr) {
        shell.stdout.off('data', onStdout);
        shell.stderr.off('data', onStderr);
        resolve();
      } else if (bytes > longestGreetingBytes) {
        shell.abandon();
        reject(replyTooLong(host, longestGreetingBytes, 'become root'));
      }
    };
    const onStdout = listen((text) => {
      greeting += text;
      hear('stdout', text);
    });
    const onStderr = listen((text) => {
      said += text;
      hear('stderr', text);
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
    shell.stdout.on('data', onStdout);
    shell.stderr.on('data', onStderr);
    shell.ended.then((code) => (code === undefined ? reject(connectionLost(host)) : refuse(code)), reject);
  }).finally(() => clearTimeout(silence));
}

const sessionSilent = (host: string, { session }: Patience): McpError =>
  new McpError(
    'login-refused',
    `${host}: sshd has opened no session within ${session / 1000} s, nothing was run`,
    {
      host,
      hint: 'try `ssh` with a command there: what a session asks (PAM, a directory of users) may not answer',
    },
  );

/** All that a login shell and sudo may have to say before our shell begins. */
const longestGreetingBytes = 1024 * 1024;

const sudoSilent = (host: string, { session }: Patience): McpError =>
  new McpError('sudo-refused', `${host}: sudo said nothing for ${session / 1000} s`, {
    host,
    hint: 'try `sudo true` there: what it asks (PAM, a directory of users) may not answer',
  });

interface Refused extends Pick<ShellWish, 'host' | 'user' | 'becomeRoot'> {
  /** What sudo has printed. */
  readonly said: string;
  /** Undefined: it had not ended, and asked for a password again. */
  readonly code: number | undefined;
}

function sudoRefused({ host, user, becomeRoot, said, code }: Refused): McpError {
  const words = inOneLine(said.replaceAll(passwordMark, ''));
  return new McpError(
    'sudo-refused',
    `${host}: sudo refused to run our shell as root${words === '' ? '' : `: ${words}`}`,
    {
      host,
      hint:
        code === notFound
          ? `install sudo there, or log in as root (ssh.user)`
          : sudoersHint(user, becomeRoot),
    },
  );
}

/** As a shell says that there is no such program. */
const notFound = 127;

/** The rule that has to be there; where it is, the password or a rule for terminals is what sudo does not like. */
function sudoersHint(user: string, { kind }: BecomeRoot): string {
  const rule = kind === 'password' ? `${user} ALL=(root) ALL` : `${user} ALL=(root) NOPASSWD: ALL`;
  const otherwise =
    kind === 'password'
      ? 'check the password'
      : 'or say `sudo: password` under ssh in the inventory, where one is wanted';
  return `/etc/sudoers.d/mcp there needs the line \`${rule}\` (visudo -f /etc/sudoers.d/mcp), and \`Defaults:${user} !requiretty\` where sudo wants a terminal; ${otherwise}`;
}
