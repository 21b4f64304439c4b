import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import type { LabDescription, LabHost } from './description.ts';
import { type Cure, changeHostState, readHostState } from './host-state.ts';
import { ownModule } from './own-module.ts';
import { endProcess, identify, type ProcessIdentity } from './processes.ts';
import { besideTheLab } from './processors.ts';

export interface Prescription {
  readonly cure: Cure;
  readonly seconds: number;
}

/**
 * Starts a process of its own session that cures a host after so many seconds, whatever happens to us until then:
 * a drill that is killed in the middle of its fault leaves hosts that heal by themselves. Arming again starts anew.
 */
export async function arm(
  lab: LabDescription,
  host: LabHost,
  { cure, seconds }: Prescription,
): Promise<void> {
  await disarm(lab, host);
  const armed = await startCure(lab, host, { cure, seconds });
  if (armed === undefined) {
    throw new McpError('lab-failed', `the cure of ${host.name} could not be armed`, {
      host: host.name,
      hint: `look into ${logFile(lab, host)}`,
    });
  }
  await changeHostState(lab, host, { armed: { ...armed, cure } });
}

/** Takes an armed cure back; nothing where none is armed. */
export async function disarm(lab: LabDescription, host: LabHost): Promise<void> {
  const { armed } = await readHostState(lab, host);
  if (armed === undefined) return;
  await endProcess(armed, 'SIGKILL');
  await changeHostState(lab, host, { armed: undefined });
}

/** The cure counts once its process has said that it waits. */
async function startCure(
  lab: LabDescription,
  host: LabHost,
  { cure, seconds }: Prescription,
): Promise<ProcessIdentity | undefined> {
  const log = openSync(logFile(lab, host), 'w');
  const [program = '', ...words] = [
    ...besideTheLab(),
    ...ownModule('cure-later'),
    lab.folder,
    host.name,
    cure,
    `${seconds}`,
  ];
  const child = spawn(program, words, {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    // Not where the operator happens to be, which may go away.
    cwd: import.meta.dirname,
  });
  closeSync(log);
  const waits = await Promise.race([
    once(child, 'message').then(() => true),
    once(child, 'exit').then(() => false),
  ]);
  const identity = waits && child.pid !== undefined ? await identify(child.pid) : undefined;
  if (child.connected) child.disconnect();
  child.unref();
  return identity;
}

const logFile = (lab: LabDescription, host: LabHost): string => join(lab.folder, `${host.name}.armed.log`);
