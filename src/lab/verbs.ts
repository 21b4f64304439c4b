import { McpError } from '../model/failure.ts';
import { hostGroup, processesOfUnit } from './cgroup.ts';
import type { LabHost } from './description.ts';
import { onEveryHost } from './every-host.ts';
import { partsOfBooting } from './give-way.ts';
import { changeHostState, type Partition } from './host-state.ts';
import { setCables } from './network.ts';
import { applyPartitions } from './partition.ts';
import { cutPower, runningHosts, switchOn } from './power.ts';
import { kill } from './processes.ts';
import type { LabRecord } from './record.ts';

/** What can be done to hosts of a lab that is up. The caller holds the lab's lock; each verb may be repeated. */
export async function powerOff({ lab }: LabRecord, hosts: readonly LabHost[]): Promise<void> {
  await onEveryHost(hosts, (host) => cutPower(lab, host));
}

export async function powerOn({ lab, image }: LabRecord, hosts: readonly LabHost[]): Promise<void> {
  const running = await runningHosts(lab);
  await onEveryHost(hosts, (host) => switchOn(lab, host, image, partsOfBooting(lab, host, running)));
}

/** Pulls all cables of the hosts: unlike a power cut, everything on them goes on and nobody hears of it. */
export async function unplug({ lab }: LabRecord, hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    await changeHostState(lab, host, { unplugged: host.links.map((link) => link.interface) });
    await setCables(lab, host, 'down');
  }
}

export async function plug({ lab }: LabRecord, hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) {
    await changeHostState(lab, host, { unplugged: [] });
    await setCables(lab, host, 'up');
  }
}

/** Cuts hosts off from all others, or from some, in one direction or both; ssh from the controller goes on. */
export async function partition(
  { lab }: LabRecord,
  hosts: readonly LabHost[],
  cut: Partition,
): Promise<void> {
  for (const host of hosts) await changeHostState(lab, host, { partition: cut });
  await applyPartitions(lab);
}

export async function heal({ lab }: LabRecord, hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) await changeHostState(lab, host, { partition: undefined });
  await applyPartitions(lab);
}

/** Stops every process of a unit where it stands (SIGSTOP): its sockets stay open and nothing answers. */
export const freeze = (record: LabRecord, host: LabHost, unit: string): Promise<number> =>
  signalUnit(record, { host, unit, signal: 'SIGSTOP' });

export const thaw = (record: LabRecord, host: LabHost, unit: string): Promise<number> =>
  signalUnit(record, { host, unit, signal: 'SIGCONT' });

interface UnitSignal {
  readonly host: LabHost;
  readonly unit: string;
  readonly signal: 'SIGSTOP' | 'SIGCONT';
}

/** Goes over the unit until no process is new: one may have been born while the others were stopped. */
async function signalUnit({ lab }: LabRecord, { host, unit, signal }: UnitSignal): Promise<number> {
  const name = /\.[a-z]+$/.test(unit) ? unit : `${unit}.service`;
  const reached = new Set<number>();
  for (;;) {
    const fresh = (await processesOfUnit(hostGroup(lab, host), name)).filter((pid) => !reached.has(pid));
    if (fresh.length === 0) break;
    for (const pid of fresh) {
      kill(pid, signal);
      reached.add(pid);
    }
  }
  if (reached.size > 0) return reached.size;
  throw new McpError('lab-failed', `${host.name} runs no process of ${name}`, {
    host: host.name,
    hint: 'look at it with `mcp lab exec`',
  });
}
