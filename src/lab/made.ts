import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabHost } from './description.ts';

/** The mark is written last: a host whose making was cut short lacks it and is made again from the beginning. */
export const isMade = (host: LabHost): boolean => existsSync(markOf(host));

/** Says that a host's layer is whole. */
export const markMade = (host: LabHost): Promise<void> => writeFile(markOf(host), '');

/** Says that a host's layer is being replaced. */
export const unmarkMade = (host: LabHost): Promise<void> => rm(markOf(host), { force: true });

const markOf = (host: LabHost): string => join(host.folder, 'made');
