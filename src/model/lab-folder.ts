import type { LabSettings } from './inventory.ts';

/** Where all lies that belongs to one lab, and `lab down` removes. */
export const labFolder = ({ directory, name }: Pick<LabSettings, 'directory' | 'name'>): string =>
  `${directory}/${name}`;

/** How the lab in a folder was brought up; there is none where no lab is. */
export const labRecordFile = (folder: string): string => `${folder}/lab.json`;
