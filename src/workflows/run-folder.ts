import { randomBytes } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** One run's folder on this machine, with the events and whatever the run wants to keep. Holds no secret. */
export interface RunFolder {
  /** `20261122T231500Z-3fa9c1`: sorts by time, and goes into the names of transient units on hosts. */
  readonly run: string;
  readonly directory: string;
}

/** Makes the folder below `$XDG_STATE_HOME/mcp/CLOUD/runs`, owned by the user behind sudo. */
export async function createRunFolder(cloud: string, now: Date): Promise<RunFolder> {
  const run = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const directory = join(stateHome(), 'mcp', cloud, 'runs', run);
  const firstMade = await mkdir(directory, { recursive: true, mode: 0o700 });
  await ownedByCaller(directory, firstMade);
  return { run, directory };
}

function stateHome(): string {
  const configured = process.env['XDG_STATE_HOME'];
  return configured !== undefined && configured !== '' ? configured : join(homedir(), '.local', 'state');
}

async function ownedByCaller(directory: string, firstMade: string | undefined): Promise<void> {
  const uid = Number(process.env['SUDO_UID']);
  const gid = Number(process.env['SUDO_GID']);
  if (firstMade === undefined || !Number.isInteger(uid) || !Number.isInteger(gid)) return;
  for (let path = directory; path.startsWith(firstMade); path = dirname(path)) await chown(path, uid, gid);
}
