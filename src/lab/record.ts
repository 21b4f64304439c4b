import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McpError } from '../model/failure.ts';
import { labRecordFile } from '../model/lab-folder.ts';
import type { LabDescription } from './description.ts';
import type { ImagePaths } from './image.ts';
import { refuseForeignName } from './owner.ts';

/** A lab as it was brought up: what every later command works on, even after the inventory was edited. */
export interface LabRecord {
  readonly lab: LabDescription;
  readonly image: ImagePaths;
}

/** The record of the lab in a folder; undefined where none was brought up. */
export async function readRecord(folder: string): Promise<LabRecord | undefined> {
  const file = labRecordFile(folder);
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as LabRecord;
}

/** The record of a lab that must be up. */
export async function requireRecord(lab: LabDescription): Promise<LabRecord> {
  await refuseForeignName(lab);
  const record = await readRecord(lab.folder);
  if (record !== undefined) return record;
  throw new McpError('lab-failed', `the lab ${lab.name} is not up`, { hint: 'run `mcp lab up` first' });
}

/** Keeps a lab's record, in one step that a kill can't cut in two. */
export async function writeRecord(record: LabRecord): Promise<void> {
  const file = labRecordFile(record.lab.folder);
  await mkdir(record.lab.folder, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** Records of all labs that share a folder of images. */
export async function allRecords(directory: string): Promise<readonly LabRecord[]> {
  const names = await readdir(directory).catch(() => []);
  const records = await Promise.all(names.map((name) => readRecord(join(directory, name))));
  return records.filter((record) => record !== undefined);
}
