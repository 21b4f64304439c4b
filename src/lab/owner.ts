import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import { labRecordFile } from '../model/lab-folder.ts';
import type { LabDescription } from './description.ts';

/**
 * A lab's name is also that of its network and control group, of which this machine has one each: two checkouts whose
 * inventories use one name must not break each other's hosts. Kept where a reboot forgets it, as it does the hosts.
 */
const owners = '/run/mcp-lab';

/** Takes the name for a lab's folder. Refuses while a lab of another folder has it, unless that folder is gone. */
export async function claimName(lab: LabDescription): Promise<void> {
  await refuseForeignName(lab);
  await mkdir(owners, { recursive: true });
  await writeFile(fileOf(lab), lab.folder);
}

/** Refuses what would reach into a lab of the same name that was brought up from another folder. */
export async function refuseForeignName(lab: LabDescription): Promise<void> {
  const owner = await foreignOwner(lab);
  if (owner === undefined) return;
  throw new McpError('lab-failed', `another lab of the name ${lab.name} is up: ${owner}`, {
    hint: 'take it down with `mcp lab down --wherever`, or give this one another `lab.name` and `ssh.namespace`',
  });
}

/** The folder of another lab that has the name now. */
export async function foreignOwner(lab: LabDescription): Promise<string | undefined> {
  const owner = await readFile(fileOf(lab), 'utf8').catch(() => lab.folder);
  return owner !== lab.folder && existsSync(labRecordFile(owner)) ? owner : undefined;
}

/** Gives the name back. */
export async function releaseName(lab: LabDescription): Promise<void> {
  await rm(fileOf(lab), { force: true });
}

const fileOf = ({ name }: LabDescription): string => join(owners, name);
