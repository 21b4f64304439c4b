import type { Box, Machine, Picture, Stage } from './picture.ts';

/** The picture as a flowchart that GitHub and many wikis draw. */
export function pictureAsMermaid({ stages, flows, networks, machines }: Picture): string {
  return [
    'flowchart TB',
    ...stages.flatMap(stageLines),
    ...flows.map(({ from, to, label }) => `  ${from} -->|${escaped(label)}| ${to}`),
    ...(networks.length === 0
      ? []
      : [
          '  subgraph networks["Networks"]',
          ...networks.map(
            ({ name, lines }) =>
              `    network_${name}["<b>${escaped(name)}</b><br>${lines.map(escaped).join('<br>')}"]`,
          ),
          '  end',
        ]),
    ...machines.flatMap(machineLines),
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

/** By their turn: names may differ in what no id may have in it. */
const machineLines = ({ name, rack, hosts }: Machine, turn: number): readonly string[] => [
  `  subgraph machine_${turn + 1}["${escaped(name)}${rack === undefined ? '' : `, rack ${escaped(rack)}`}"]`,
  ...hosts.map(
    ({ name: host, runs }, index) =>
      `    host_${turn + 1}_${index + 1}["${host === name ? '' : `<b>${escaped(host)}</b><br>`}${runs.map(escaped).join('<br>')}"]`,
  ),
  '  end',
];

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('|', '&#124;');
