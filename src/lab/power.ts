import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { McpError } from '../model/failure.ts';
import { hostGroup, isPopulated, makeGroup, processesOf, removeGroup, setFrozen } from './cgroup.ts';
import { environment } from './command.ts';
import type { LabDescription, LabHost } from './description.ts';
import { diskWords, mountDisks } from './disks.ts';
import { endGivingWay, giveWay } from './give-way.ts';
import { readHostState } from './host-state.ts';
import type { ImagePaths } from './image.ts';
import { layersOf, mountRoot, unmountBelow } from './mounts.ts';
import {
  connectCables,
  inside,
  nameCards,
  removeCables,
  setCables,
  useDebiansCongestionControl,
} from './network.ts';
import { eventually, firstProcess, kill } from './processes.ts';
import { processorsOf } from './processors.ts';

const bootSeconds = 30;

/** PID 1 of a host as this machine sees it; undefined when the host is off. */
export async function leaderOf(lab: LabDescription, host: LabHost): Promise<number | undefined> {
  const group = hostGroup(lab, host);
  // A list of groups is not read at one instant, and a booting systemd moves itself: look again before denying it.
  for (let looks = 0; looks < 5 && (await isPopulated(group)); looks += 1) {
    const leader = await firstProcess(await processesOf(group));
    if (leader !== undefined) return leader;
    await delay(10);
  }
  return undefined;
}

/** The hosts whose power is on. */
export async function runningHosts(lab: LabDescription): Promise<readonly LabHost[]> {
  const leaders = await Promise.all(lab.hosts.map((host) => leaderOf(lab, host)));
  return lab.hosts.filter((_, index) => leaders[index] !== undefined);
}

/**
 * Switches a host on and returns when its PID 1 runs and its cables are in. A host that is on stays as it is. With parts
 * that yield, it leaves the processors to the others while it boots.
 */
export async function switchOn(
  lab: LabDescription,
  host: LabHost,
  image: ImagePaths,
  yielding: readonly string[] = [],
): Promise<void> {
  const { unplugged } = await readHostState(lab, host);
  const isOn = (await leaderOf(lab, host)) !== undefined;
  // A save that was killed may have left it frozen.
  if (isOn) await setFrozen(hostGroup(lab, host), false);
  const supervisor = isOn ? undefined : await boot(lab, host, image, yielding);
  await awaitStart(lab, host, supervisor);
  const leader = await leaderOf(lab, host);
  if (leader !== undefined) {
    await useDebiansCongestionControl(leader);
    await nameCards(leader, host);
  }
  await connectCables(lab, host, unplugged);
}

/**
 * Cuts a host's power: the cable goes dark first, so that no peer gets the farewell that a dying kernel would send for
 * each connection, then PID 1 gets SIGKILL from outside and the kernel ends everything in the host at once.
 * (Ending systemd-nspawn would leave the host running.)
 */
export async function cutPower(lab: LabDescription, host: LabHost): Promise<void> {
  const leader = await leaderOf(lab, host);
  if (leader !== undefined) {
    await setCables(lab, host, 'down');
    kill(leader, 'SIGKILL');
  }
  await clearRemains(lab, host);
  await endGivingWay(lab, host);
}

/** The last lines that a host said on its console, for messages about a boot that failed. */
export async function consoleOf(host: LabHost): Promise<string> {
  const log = await readFile(consoleFile(host), 'utf8').catch(() => '');
  // Colours and cursor movements of the boot screen.
  const plain = log.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[a-zA-Z]|\\r`, 'g'), '');
  return plain.trim().split('\n').slice(-15).join('\n');
}

/** Ends what is left in a host's group (a supervisor without its host, a host that was half started) and its mount. */
async function clearRemains(lab: LabDescription, host: LabHost): Promise<void> {
  const group = hostGroup(lab, host);
  // The supervisor ends by itself a moment after PID 1 did; only what does not is helped along.
  const isGone =
    (await isEmpty(group, 2)) ||
    (await eventually(async () => {
      for (const pid of await processesOf(group)) kill(pid, 'SIGKILL');
      return !(await isPopulated(group));
    }, 10));
  if (!isGone) {
    const left = (await processesOf(group)).join(', ');
    throw new McpError('lab-failed', `processes of ${host.name} don't end: ${left}`, { host: host.name });
  }
  await removeGroup(group);
  await removeCables(lab, host);
  await unmountBelow(host.folder);
}

const isEmpty = (group: string, withinSeconds: number): Promise<boolean> =>
  eventually(async () => !(await isPopulated(group)), withinSeconds);

async function boot(
  lab: LabDescription,
  host: LabHost,
  image: ImagePaths,
  yielding: readonly string[],
): Promise<ChildProcess> {
  await clearRemains(lab, host);
  await mountRoot(layersOf(host, image.root));
  await mountDisks(host);
  return startContainer(lab, host, image, yielding);
}

/** Starts systemd-nspawn in the host's own control group and in the lab's network, in a session that outlives ours. */
async function startContainer(
  lab: LabDescription,
  host: LabHost,
  image: ImagePaths,
  yielding: readonly string[],
): Promise<ChildProcess> {
  const processors = processorsOf(lab, host);
  const groups = await makeGroup(hostGroup(lab, host));
  const members = processors === undefined ? groups : [...groups, processors];
  // sh joins the groups and becomes nspawn: no moment in which the host is outside of its group.
  const joined = `${members.map((file) => `echo $$ > ${file}`).join(' && ')} && ${giveWay(lab, host, yielding)} && exec "$@"`;
  await mkdir(host.folder, { recursive: true });
  await rm(consoleFile(host), { force: true });
  const log = openSync(consoleFile(host), 'a');
  const child = spawn('sh', ['-c', joined, 'sh', ...inside(lab), ...nspawnWords(lab, host, image)], {
    detached: true,
    stdio: ['ignore', log, log],
    // The lab's own lock keeps two from booting one host; nspawn would leave a file of each boot behind.
    env: { ...environment(), SYSTEMD_NSPAWN_LOCK: '0' },
  });
  closeSync(log);
  child.unref();
  return child;
}

/** Waits until the host's systemd runs; a boot that ends at once shows in its console's words. */
async function awaitStart(
  lab: LabDescription,
  host: LabHost,
  supervisor: ChildProcess | undefined,
): Promise<void> {
  const hasEnded = () => supervisor !== undefined && (supervisor.exitCode ?? supervisor.signalCode) !== null;
  let started = false;
  const isDecided = async (): Promise<boolean> => {
    started = await hasStarted(lab, host);
    return started || hasEnded();
  };
  await eventually(isDecided, bootSeconds);
  if (started) return;
  throw new McpError('lab-failed', `${host.name} did not boot:\n${await consoleOf(host)}`, {
    host: host.name,
  });
}

/** PID 1 has become systemd: from then on the cards are there too. */
async function hasStarted(lab: LabDescription, host: LabHost): Promise<boolean> {
  const leader = await leaderOf(lab, host);
  if (leader === undefined) return false;
  return (await readFile(`/proc/${leader}/comm`, 'utf8').catch(() => '')).trim() === 'systemd';
}

const nspawnWords = (lab: LabDescription, host: LabHost, image: ImagePaths): readonly string[] => [
  'systemd-nspawn',
  '--quiet',
  '--boot',
  // No systemd of this machine needs to know: the host has a control group that we made.
  '--register=no',
  '--keep-unit',
  `--machine=${lab.name}-${host.name}`,
  `--hostname=${host.name}`,
  `--directory=${layersOf(host, image.root).root}`,
  '--private-network',
  ...host.links.map((link) => `--network-veth-extra=${link.port}:${link.interface}`),
  '--resolv-conf=off',
  '--timezone=off',
  '--link-journal=no',
  `--bind-ro=${image.repository}:/srv/mcp-repository`,
  ...lab.shared.map(({ folder, path }) => `--bind=${folder}:${path}`),
  ...diskWords(host),
];

const consoleFile = (host: LabHost): string => join(host.folder, 'console.log');
