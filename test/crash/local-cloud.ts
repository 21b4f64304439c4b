import { execFile } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HostPaths } from '../../src/execute/index.ts';
import { type LocalFleet, localFleet } from '../../src/transport/index.ts';
import { hostPrograms } from './host-programs.ts';

/** A cloud whose hosts are folders of this machine, with real shells and real files. Needs no root. */
export interface LocalCloud extends Disposable {
  readonly root: string;
  readonly hosts: readonly string[];
  /** Every host has its state at the same path, as machines do; `here` says what that is on this machine. */
  readonly paths: HostPaths;
  /** A script or path with the folder of a host in it. */
  here(host: string, text: string): string;
  at(host: string, path: string): string;
  /** The same words for every cloud: without what tells its folder from that of another. */
  nameless(text: string): string;
  /** Ways to its hosts that live and die with one controller. */
  fleet(): LocalFleet;
  /** Transient units and timers of ours. */
  transient(host: string): readonly string[];
  /** Waits for what runs on hosts by itself, then has every timer fire, the earliest first. */
  letTimePass(): Promise<void>;
  /** Keeps all hosts as they are now, with nothing told of what was done to them. */
  keep(): void;
  /** All hosts as they were kept. */
  restore(): void;
}

/** Stands for the folder of a host in what is sent to it. */
const everyHost = '/folder-of-the-host';

const paths: HostPaths = {
  state: `${everyHost}/var/mcp`,
  volatile: `${everyHost}/run`,
  lock: `${everyHost}/run/mcp-lock/lock`,
  formerLock: `${everyHost}/run/mcp.lock`,
  units: `${everyHost}/etc/systemd`,
  startPolicy: `${everyHost}/policy-rc.d`,
};

const folders = ['units', 'transient', 'packages', 'run', 'var', 'etc/systemd/timers.target.wants'];

/** Fresh hosts that were never anybody's. */
export function freshCloud(hosts: readonly string[]): LocalCloud {
  const root = mkdtempSync(join(memoryOrDisk(), 'mcp-cloud-'));
  mkdirSync(join(root, 'bin'));
  for (const [name, script] of Object.entries(hostPrograms)) {
    writeFileSync(join(root, 'bin', name), script);
    chmodSync(join(root, 'bin', name), 0o755);
  }
  for (const host of hosts) {
    for (const folder of folders) mkdirSync(join(root, host, folder), { recursive: true });
    writeFileSync(join(root, host, 'etc/base.conf'), 'what the machine came with\n');
  }
  return cloudAt(root, hosts);
}

/** A cloud that is there already. */
export function cloudAt(root: string, hosts: readonly string[]): LocalCloud {
  const at = (host: string, path: string) => join(root, host, path);
  const kept = join(root, 'kept');
  const environment = { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, LAB: root };
  const transient = (host: string) => readdirSync(at(host, 'transient'));
  const runs = (host: string) => transient(host).filter((name) => !name.endsWith('.timer'));
  return {
    root,
    hosts,
    paths,
    here: (host, text) => text.replaceAll(everyHost, join(root, host)),
    at,
    nameless: (text) => text.replaceAll(root, ''),
    fleet: () => localFleet({ environment }),
    transient,
    async letTimePass() {
      for (let waited = 0; hosts.some((host) => runs(host).length > 0); waited += 1) {
        if (waited > 3000) throw new Error(`it never ends: ${hosts.flatMap(runs).join(', ')}`);
        await pause(10);
      }
      for (const host of hosts) await fireTimers(join(root, host), { ...environment, HOST: host });
    },
    keep() {
      rmSync(kept, { recursive: true, force: true });
      for (const host of hosts) {
        rmSync(join(root, host, 'acts'), { force: true });
        cpSync(join(root, host), join(kept, host), copying);
      }
    },
    restore() {
      for (const host of hosts) {
        rmSync(join(root, host), { recursive: true, force: true });
        cpSync(join(kept, host), join(root, host), copying);
      }
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

const copying = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };

const execute = promisify(execFile);

/** Says so among the acts, so that what a timer does can be told from what a run does. */
async function fireTimers(host: string, environment: Record<string, string>): Promise<void> {
  const folder = join(host, 'transient');
  const say = (words: string) => appendFileSync(join(host, 'acts'), `${words}\n`);
  for (;;) {
    const timers = readdirSync(folder)
      .filter((name) => name.endsWith('.timer'))
      .map((name) => {
        const [seconds = '', command = ''] = readFileSync(join(folder, name), 'utf8').split('\n');
        return { name, seconds: Number(seconds), command };
      });
    const [next] = timers.toSorted((one, other) => one.seconds - other.seconds);
    if (next === undefined) return;
    rmSync(join(folder, next.name));
    say(`fires ${next.name}`);
    await execute('sh', ['-c', next.command], { env: environment });
    say(`fired ${next.name}`);
  }
}

/** Hosts sync what they write, which a disk that others use takes its time for. */
function memoryOrDisk(): string {
  try {
    if (existsSync('/dev/shm')) accessSync('/dev/shm', constants.W_OK);
    return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
