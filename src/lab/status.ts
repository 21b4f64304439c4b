import type { LabDescription, LabHost, LabOutsider } from './description.ts';
import { type Armed, type Partition, readHostState } from './host-state.ts';
import { networkExists } from './network.ts';
import { leaderOf } from './power.ts';
import { isAlive } from './processes.ts';
import { answersSsh } from './reach.ts';
import { readRecord } from './record.ts';
import { savedStates } from './saved.ts';

export interface LabStatus {
  readonly name: string;
  readonly isUp: boolean;
  /** Name of the image that the hosts were made from. */
  readonly image: string | undefined;
  readonly hosts: readonly HostStatus[];
  readonly outsiders: readonly OutsiderStatus[];
  readonly saved: readonly string[];
}

export interface OutsiderStatus {
  readonly name: string;
  /** With prefix length. */
  readonly address: string;
  /** Where programs run as it: below /run/netns. */
  readonly namespace: string;
  readonly isThere: boolean;
}

export interface HostStatus {
  readonly name: string;
  readonly machine: string;
  readonly address: string;
  readonly power: 'on' | 'off';
  readonly answersSsh: boolean;
  readonly unplugged: readonly string[];
  readonly partition: Partition | undefined;
  /** What a detached process is going to do to it. */
  readonly armed: Armed['cure'] | undefined;
}

/** How a lab and its hosts are now; it changes nothing and needs no lock. */
export async function statusOf(lab: LabDescription): Promise<LabStatus> {
  const record = await readRecord(lab.folder);
  const isUp = record !== undefined && (await networkExists(lab));
  return {
    name: lab.name,
    isUp,
    image: record?.image.name,
    hosts: await Promise.all((record?.lab ?? lab).hosts.map((host) => hostStatus(lab, host))),
    outsiders: await Promise.all(((record?.lab ?? lab).outsiders ?? []).map(outsiderStatus)),
    saved: await savedStates(lab),
  };
}

const outsiderStatus = async ({ name, address, namespace }: LabOutsider): Promise<OutsiderStatus> => ({
  name,
  address,
  namespace,
  isThere: await networkExists({ name: namespace }),
});

async function hostStatus(lab: LabDescription, host: LabHost): Promise<HostStatus> {
  const isOn = (await leaderOf(lab, host)) !== undefined;
  const { unplugged, partition, armed } = await readHostState(lab, host);
  return {
    name: host.name,
    machine: host.machine,
    address: host.address,
    power: isOn ? 'on' : 'off',
    answersSsh: isOn && (await answersSsh(lab, host)),
    unplugged,
    partition,
    armed: armed !== undefined && (await isAlive(armed)) ? armed.cure : undefined,
  };
}
