import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDescription, LabHost } from './description.ts';
import type { ProcessIdentity } from './processes.ts';

/** What was done to a host and outlives its power; that it runs at all is asked of the kernel and never written down. */
export interface HostState {
  /** Interfaces whose cable is pulled. */
  readonly unplugged: readonly string[];
  readonly partition: Partition | undefined;
  /** A detached process that will bring the host back, and what it will do. */
  readonly armed: Armed | undefined;
}

export interface Partition {
  readonly direction: 'in' | 'out' | 'both';
  /** Names of the hosts it is cut off from; empty: from everybody. */
  readonly from: readonly string[];
}

export interface Armed extends ProcessIdentity {
  readonly cure: Cure;
}

/** What an armed process does when its time has come. */
export type Cure = 'power-on' | 'power-on-when-off' | 'plug' | 'heal';

const untouched: HostState = { unplugged: [], partition: undefined, armed: undefined };

export async function readHostState(lab: LabDescription, host: LabHost): Promise<HostState> {
  const text = await readFile(fileOf(lab, host), 'utf8').catch(() => undefined);
  if (text === undefined) return untouched;
  return { ...untouched, ...(JSON.parse(text) as Partial<HostState>) };
}

/** Changes part of what is known about a host, in one step that a kill can't cut in two. */
export async function changeHostState(
  lab: LabDescription,
  host: LabHost,
  change: Partial<HostState>,
): Promise<void> {
  const state = { ...(await readHostState(lab, host)), ...change };
  const file = fileOf(lab, host);
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

export const forgetHostState = (lab: LabDescription, host: LabHost): Promise<void> =>
  rm(fileOf(lab, host), { force: true });

const fileOf = (lab: LabDescription, host: LabHost): string => join(lab.folder, `${host.name}.json`);
