import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import { environment } from './command.ts';
import type { LabDescription } from './description.ts';
import { inside } from './network.ts';
import { ownModule } from './own-module.ts';
import { endProcess, identify, type ProcessIdentity } from './processes.ts';

export interface ForwardRequest {
  /** Port of 127.0.0.1 on this machine. */
  readonly port: number;
  /** A VIP's name, a host's name or an address, and the port there. */
  readonly target: string;
}

export interface ForwardLife {
  /** Called once connections are accepted. */
  readonly listening: () => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Carries connections from a port of this machine into the lab until the signal comes. The listening socket is made out
 * here and handed to a child in the lab's network, which accepts from it and connects there: a socket stays in the
 * network in which it was made.
 */
export async function forward(
  lab: LabDescription,
  request: ForwardRequest,
  { listening, signal }: ForwardLife,
): Promise<void> {
  const { address, port } = targetOf(lab, request.target);
  const server = createServer();
  server.listen(request.port, '127.0.0.1');
  await once(server, 'listening').catch((cause: unknown) => {
    throw new McpError('lab-failed', `127.0.0.1:${request.port} can't be listened on`, {
      hint: 'choose another port: it is probably taken',
      cause,
    });
  });
  const [program = '', ...words] = [...inside(lab), ...ownModule('forward-inside'), address, `${port}`];
  const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: environment() });
  const ended = once(child, 'exit');
  await once(child, 'message');
  await new Promise((sent) => child.send('server', server, sent));
  server.close();
  const mark = child.pid === undefined ? undefined : await register(lab, child.pid);
  listening();
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  await ended;
  if (mark !== undefined) await rm(mark, { force: true });
}

/** Ends the forwards into a lab that goes away. */
export async function endForwards(lab: LabDescription): Promise<void> {
  const names = await readdir(marksFolder(lab)).catch(() => []);
  for (const name of names) {
    const text = await readFile(join(marksFolder(lab), name), 'utf8');
    await endProcess(JSON.parse(text) as ProcessIdentity, 'SIGTERM');
  }
}

/** Where `public:443`, `ctl01:22` or `10.77.0.102:443` is. */
export function targetOf(
  lab: LabDescription,
  target: string,
): { readonly address: string; readonly port: number } {
  const parts = /^\[?(.+?)\]?:(\d+)$/.exec(target);
  const [, name = '', port = ''] = parts ?? [];
  if (parts === null || Number(port) < 1 || Number(port) > 65535) {
    throw new McpError('invalid-arguments', `${target} is no place to forward to`, {
      hint: 'write VIP:PORT, as in public:443 or 10.77.0.102:443',
    });
  }
  const host = lab.hosts.find((each) => each.name === name);
  return { address: lab.vips[name] ?? host?.address ?? name, port: Number(port) };
}

async function register(lab: LabDescription, pid: number): Promise<string> {
  const file = join(marksFolder(lab), `${pid}.json`);
  await mkdir(marksFolder(lab), { recursive: true });
  await writeFile(file, JSON.stringify(await identify(pid)));
  return file;
}

const marksFolder = (lab: LabDescription): string => join(lab.folder, 'forwards');
