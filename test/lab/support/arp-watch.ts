import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readyWatcher, type Watcher } from './watcher.ts';

/** Who answered each question for an address: when (milliseconds, wall clock), and the stations by MAC address. */
export type ArpAnswer = readonly [at: number, address: string, stations: readonly string[]];

/** Asks every 100 ms, from the switch that sees all hosts of a lab, which stations have each of the addresses. */
export async function watchStations(
  namespace: string,
  addresses: readonly string[],
): Promise<Watcher<readonly ArpAnswer[]>> {
  const program = fileURLToPath(new URL('arp-watch.py', import.meta.url));
  const words = ['python3', '-B', program, 'br0', controllerOf(addresses), ...addresses];
  const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return readyWatcher(child);
}

/** The lab's controller is the first address of its network. */
const controllerOf = ([address = '']: readonly string[]): string => address.replace(/\.\d+$/, '.1');

/** Milliseconds for which two stations or more answered for an address without a pause of half a second: the longest. */
export function longestShared(answers: readonly ArpAnswer[], address: string): number {
  let longest = 0;
  let from: number | undefined;
  let last = 0;
  for (const [at, asked, stations] of answers) {
    if (asked !== address || stations.length < 2) continue;
    if (from === undefined || at - last > 500) from = at;
    last = at;
    longest = Math.max(longest, last - from + 100);
  }
  return longest;
}
