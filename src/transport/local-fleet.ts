import { type ChildProcess, spawn } from 'node:child_process';
import { connectionOver } from './connection.ts';
import { type Fleet, keptConnections } from './fleet.ts';
import type { Shell } from './shell.ts';

export interface LocalFleetOptions {
  /** The environment of every shell, `HOST` added; its PATH decides which programs the hosts have. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A fleet whose hosts are shells of this machine, for tests that run programs for real without ssh or root. */
export interface LocalFleet extends Fleet {
  /** Cuts the connections to a host, as a lost network would: what runs there goes on, unheard. */
  cut(host: string): void;
  /**
   * Ends everything as the death of this process would: what runs on hosts goes on until it wants to be heard, and reads
   * the end of its stdin. With a `signal`, hosts send it to what runs. Resolves once none of it is left.
   */
  die(signal?: NodeJS.Signals): Promise<void>;
}

export function localFleet({ environment }: LocalFleetOptions): LocalFleet {
  const standing = new Map<string, Set<() => void>>();
  const running = new Set<LocalShell>();
  const fleet = keptConnections(async (host) => {
    const shells = new Set<Shell>();
    let isOpen = true;
    const close = () => {
      isOpen = false;
      for (const shell of shells) shell.abandon();
    };
    const cuts = standing.get(host) ?? new Set();
    standing.set(host, cuts.add(close));
    const connection = connectionOver({
      host,
      async startShell(timeoutSeconds) {
        const shell = startLocalShell({ ...environment, HOST: host }, timeoutSeconds);
        shells.add(shell);
        running.add(shell);
        void shell.gone.then(() => running.delete(shell));
        void shell.ended.then(() => shells.delete(shell));
        return shell;
      },
      close: async () => close(),
    });
    return { connection, isOpen: () => isOpen };
  });
  return {
    ...fleet,
    cut(host) {
      for (const cut of standing.get(host) ?? []) cut();
    },
    async die(signal) {
      const left = [...running];
      for (const shell of left) shell.hangUp(signal);
      await Promise.all(left.map(({ gone }) => gone));
    },
  };
}

/** A shell whose process can be told apart from the way to it. */
interface LocalShell extends Shell {
  /** Resolves when its process has ended, heard or unheard. */
  readonly gone: Promise<void>;
  /** Closes both ends of the way to it. */
  hangUp(signal: NodeJS.Signals | undefined): void;
}

function startLocalShell(
  environment: Record<string, string>,
  timeoutSeconds: number | undefined,
): LocalShell {
  const argv =
    timeoutSeconds === undefined ? ['sh', '-s'] : ['timeout', '-k', '5', String(timeoutSeconds), 'sh', '-s'];
  // In a process group of its own, so that a Ctrl-C at the terminal reaches it as little as a remote shell.
  const child = spawn(argv[0] ?? 'sh', argv.slice(1), { env: environment, detached: true });
  // The shell may end before it has read all of its program.
  child.stdin.on('error', () => undefined);
  let abandon: () => void = () => undefined;
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 143));
    abandon = () => {
      child.stdin.destroy();
      resolve(undefined);
    };
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  const hangUp = (signal: NodeJS.Signals | undefined) => {
    abandon();
    child.stdout.destroy();
    child.stderr.destroy();
    if (signal !== undefined && isRunning(child)) process.kill(-Number(child.pid), signal);
  };
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, abandon, gone, hangUp };
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;
