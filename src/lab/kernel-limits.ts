import { readFile, writeFile } from 'node:fs/promises';
import type { Progress } from './image.ts';

const watchersFile = '/proc/sys/fs/inotify/max_user_instances';

/**
 * Each host's systemd, udev and D-Bus watch files as the one root of this machine, and the kernel's 128 watchers are gone
 * after a handful of hosts: the next one ends its boot with "Too many open files". 1024 carry eleven hosts with room.
 */
const watchersNeeded = 1024;

/** Raises what many hosts on one machine run short of. A ceiling, so it stays as it is when the lab goes. */
export async function raiseKernelLimits(progress: Progress): Promise<void> {
  const watchers = Number(await readFile(watchersFile, 'utf8'));
  if (watchers >= watchersNeeded) return;
  progress(
    `raising fs.inotify.max_user_instances from ${watchers} to ${watchersNeeded}, until the next reboot`,
  );
  await writeFile(watchersFile, `${watchersNeeded}`);
}
