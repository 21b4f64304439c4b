import type { Box, Picture, Stage } from './picture.ts';

/** The picture as a flowchart that GitHub and many wikis draw. */
export function pictureAsMermaid({ stages, machines }: Picture): string {
  return [
    'flowchart TB',
    ...stages.flatMap(stageLines),
    ...stages.flatMap((stage, index) => arrows(stage, stages[index + 1])),
    ...machines.flatMap(({ name, rack, hosts }) => [
      `  subgraph machine_${id(name)}["${escaped(name)}${rack === undefined ? '' : `, rack ${escaped(rack)}`}"]`,
      ...hosts.map(
        ({ name: host, runs }) =>
          `    on_${id(host)}["${hosts.length > 1 ? `<b>${escaped(host)}</b><br>` : ''}${runs.map(escaped).join('<br>')}"]`,
      ),
      '  end',
    ]),
    '',
  ].join('\n');
}

const stageLines = ({ id: stage, boxes }: Stage): readonly string[] => [
  `  subgraph ${stage}[" "]`,
  '    direction LR',
  ...boxes.map((box) => `    ${box.id}["${textOf(box)}"]`),
  '  end',
];

const textOf = ({ title, lines, hosts }: Box): string =>
  [
    `<b>${escaped(title)}</b>`,
    ...lines.map(escaped),
    ...(hosts.length > 0 ? [escaped(hosts.join(' '))] : []),
  ].join('<br>');

const arrows = ({ id: from, leadsOn }: Stage, next: Stage | undefined): readonly string[] =>
  next === undefined || leadsOn === '' ? [] : [`  ${from} -->|${escaped(leadsOn)}| ${next.id}`];

const id = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('|', '&#124;');
