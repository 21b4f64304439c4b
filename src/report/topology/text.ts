import type { Box, Picture, Stage } from './picture.ts';

/** The picture for a terminal: from the client down, then machine by machine. */
export function pictureAsText({ title, stages, machines }: Picture): string {
  return [
    title,
    '',
    ...stages.flatMap(stageLines),
    'Machines (each may fail by itself)',
    ...machines.flatMap(({ name, rack, hosts }) => [
      `  ${name}${rack === undefined ? '' : ` (rack ${rack})`}`,
      ...hosts.map(({ name: host, runs }) => `    ${host === name ? '' : `${host}: `}${runs.join(', ')}`),
    ]),
    '',
  ].join('\n');
}

function stageLines({ boxes, leadsOn }: Stage): readonly string[] {
  return [...boxes.map(boxLine), ...(leadsOn === '' ? [''] : ['    │', `    ▼ ${leadsOn}`])];
}

const boxLine = ({ title, lines, hosts }: Box): string =>
  `${title.padEnd(22)} ${lines.join(', ')}${hosts.length > 0 ? `  [${hosts.join(' ')}]` : ''}`;
