import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { makeOwnedDirectory } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';

/** One run's folder on this machine, with the events and whatever the run wants to keep. Holds no secret. */
export interface RunFolder {
  /** `20261122T231500Z-3fa9c1`: sorts by time, and goes into the names of transient units on hosts. */
  readonly run: string;
  readonly directory: string;
}

/**
 * Makes the folder below `$XDG_STATE_HOME/mcp/CLOUD/runs`, owned by the user behind sudo. Throws McpError
 * `invalid-arguments` where nothing can be written there.
 */
export async function createRunFolder(cloud: string, now: Date): Promise<RunFolder> {
  const run = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const directory = join(stateHome(), 'mcp', cloud, 'runs', run);
  await makeOwnedDirectory(directory, 0o700);
  return { run, directory };
}

/** As the XDG specification has it, a path that is not absolute says nothing. */
function stateHome(): string {
  const configured = process.env['XDG_STATE_HOME'] ?? '';
  return isAbsolute(configured) ? configured : join(home(), '.local', 'state');
}

function home(): string {
  try {
    return homedir();
  } catch (cause) {
    throw new McpError('invalid-arguments', 'this user has no home folder to keep the account of a run in', {
      hint: 'set XDG_STATE_HOME to a folder that you may write',
      cause,
    });
  }
}
