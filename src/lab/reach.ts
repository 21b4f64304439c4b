import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { McpError } from '../model/failure.ts';
import { attempt, environment } from './command.ts';
import type { LabDescription, LabHost } from './description.ts';
import { inside } from './network.ts';
import { consoleOf } from './power.ts';

/** Waits until every one of the hosts answers ssh. */
export async function awaitSsh(
  lab: LabDescription,
  hosts: readonly LabHost[],
  withinSeconds: number,
): Promise<void> {
  const answers = await Promise.all(hosts.map((host) => answersWithin(lab, host, withinSeconds)));
  const silent = hosts.filter((_, index) => answers[index] === false);
  const [first] = silent;
  if (first === undefined) return;
  const names = silent.map(({ name }) => name).join(', ');
  const said = await consoleOf(first);
  throw new McpError(
    'lab-failed',
    `no ssh after ${withinSeconds} s: ${names}\nlast words of ${first.name}:\n${said}`,
    {
      host: first.name,
      hint: 'try `mcp lab down`, then `mcp lab up`',
    },
  );
}

/** True when a host's sshd greets now. */
export const answersSsh = async (lab: LabDescription, host: LabHost): Promise<boolean> =>
  (
    await attempt([
      ...inside(lab),
      'timeout',
      '2',
      ...bash,
      greeting,
      'bash',
      host.address,
      `${host.sshPort}`,
    ])
  ).exitCode === 0;

/** The words that run a command, or without one a shell, on a host as root. */
const sshWords = (lab: LabDescription, host: LabHost, command: readonly string[]): readonly string[] => [
  ...inside(lab),
  'ssh',
  ...['-F', '/dev/null', '-i', lab.identityFile, '-p', `${host.sshPort}`, '-l', 'root'],
  ...[
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    `UserKnownHostsFile=${lab.knownHosts}`,
  ],
  ...['-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR'],
  host.address,
  ...(command.length === 0 ? [] : ['--', shellLine(command)]),
];

/** Runs ssh on this terminal and returns its exit code. */
export async function attachSsh(
  lab: LabDescription,
  host: LabHost,
  command: readonly string[],
): Promise<number> {
  const [program = '', ...words] = sshWords(lab, host, command);
  const child = spawn(program, words, { stdio: 'inherit', env: environment() });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 255;
}

async function answersWithin(lab: LabDescription, host: LabHost, seconds: number): Promise<boolean> {
  const loop = `until timeout 2 ${bash.join(' ')} '${greeting}' bash "$@"; do sleep 0.2; done`;
  const words = ['timeout', `${seconds}`, ...bash, loop, 'bash', host.address, `${host.sshPort}`];
  return (await attempt([...inside(lab), ...words])).exitCode === 0;
}

/** Where its stdin is a socket, as Node's pipes are, bash takes itself for started by rshd and would read its .bashrc. */
const bash = ['bash', '--norc', '-c'] as const;

/** bash can open a TCP connection by itself: no program is needed for every try. */
const greeting = '{ exec 3<>"/dev/tcp/$1/$2" && read -r line <&3 && [[ $line == SSH-* ]]; } 2>/dev/null';

/** ssh hands one line to the shell of the host: a single word is that line, several are quoted to arrive as given. */
export function shellLine(command: readonly string[]): string {
  const [line, ...others] = command;
  return line !== undefined && others.length === 0 ? line : command.map(quoted).join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
