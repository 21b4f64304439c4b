import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import type { LabDescription, LabHost } from './description.ts';
import { type Cure, changeHostState, readHostState } from './host-state.ts';
import { ownModule } from './own-module.ts';
import { endProcess, identify } from './processes.ts';

/**
 * Starts a process of its own session that cures a host after so many seconds, whatever happens to us until then:
 * a drill that is killed in the middle of its fault leaves hosts that heal by themselves. Arming again starts anew.
 */
export async function arm(
  lab: LabDescription,
  host: LabHost,
  { cure, seconds }: { cure: Cure; seconds: number },
): Promise<void> {
  await disarm(lab, host);
  const log = openSync(join(lab.folder, `${host.name}.armed.log`), 'a');
  const [program = '', ...words] = [...ownModule('cure-later'), lab.folder, host.name, cure, `${seconds}`];
  const child = spawn(program, words, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  child.unref();
  const armed = child.pid === undefined ? undefined : await identify(child.pid);
  if (armed === undefined)
    throw new McpError('lab-failed', `the cure of ${host.name} could not be armed`, { host: host.name });
  await changeHostState(lab, host, { armed: { ...armed, cure } });
}

/** Takes an armed cure back; nothing where none is armed. */
export async function disarm(lab: LabDescription, host: LabHost): Promise<void> {
  const { armed } = await readHostState(lab, host);
  if (armed === undefined) return;
  await endProcess(armed, 'SIGKILL');
  await changeHostState(lab, host, { armed: undefined });
}
