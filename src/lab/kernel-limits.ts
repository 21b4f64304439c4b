import { readFile, writeFile } from 'node:fs/promises';
import type { Progress } from './image.ts';

const watchersFile = '/proc/sys/fs/inotify/max_user_instances';
const tcp = '/proc/sys/net/ipv4/tcp_';

/**
 * Each host's systemd, udev and D-Bus watch files as the one root of this machine, and the kernel's 128 watchers are gone
 * after a handful of hosts: the next one ends its boot with "Too many open files". 1024 carry eleven hosts with room.
 */
const watchersNeeded = 1024;

/**
 * What this machine's kernel does not let hosts have: raises what many of them run short of, and allows what Debian's own
 * would use. Ceilings, which change nothing for what runs here: they stay as they are when the lab goes.
 */
export async function raiseKernelLimits(progress: Progress): Promise<void> {
  await raiseWatchers(progress);
  await allowCubic(progress);
}

async function raiseWatchers(progress: Progress): Promise<void> {
  const watchers = Number(await readFile(watchersFile, 'utf8'));
  if (watchers >= watchersNeeded) return;
  progress(
    `raising fs.inotify.max_user_instances from ${watchers} to ${watchersNeeded}, until the next reboot`,
  );
  await writeFile(watchersFile, `${watchersNeeded}`);
}

/** Debian's own congestion control is what hosts use; in a network namespace only what everybody may choose can be set. */
async function allowCubic(progress: Progress): Promise<void> {
  const [available, allowed] = await Promise.all(
    ['available', 'allowed'].map(async (which) =>
      (await readFile(`${tcp}${which}_congestion_control`, 'utf8')).trim().split(' '),
    ),
  );
  if (!available?.includes('cubic') || !allowed || allowed.includes('cubic')) return;
  progress(`allowing everybody TCP's congestion control cubic, until the next reboot`);
  await writeFile(`${tcp}allowed_congestion_control`, [...allowed, 'cubic'].join(' ')).catch(
    (failure: unknown) =>
      progress(`not allowed here (${String(failure)}): hosts keep the one of this machine`),
  );
}
