import type { Box, Flow, Picture, Stage } from './picture.ts';

/** The picture for a terminal: from the client down, then machine by machine. */
export function pictureAsText({ title, stages, flows, networks, machines }: Picture): string {
  return [
    title,
    '',
    ...stages.flatMap((stage, index) => stageLines(stage, { stages, flows, below: stages[index + 1] })),
    ...(networks.length === 0
      ? []
      : ['Networks', ...networks.map(({ name, lines }) => `  ${name.padEnd(12)} ${lines.join(', ')}`), '']),
    'Machines (each may fail by itself)',
    ...machines.flatMap(({ name, rack, hosts }) => [
      `  ${name}${rack === undefined ? '' : ` (rack ${rack})`}`,
      ...hosts.map(({ name: host, runs }) => `    ${host === name ? '' : `${host}: `}${runs.join(', ')}`),
    ]),
    '',
  ].join('\n');
}

interface Context {
  readonly stages: readonly Stage[];
  readonly flows: readonly Flow[];
  readonly below: Stage | undefined;
}

/** What it asks further down is named; the arrow goes to what it asks right below. */
function stageLines({ id, boxes }: Stage, { stages, flows, below }: Context): readonly string[] {
  const own = flows.filter(({ from }) => from === id);
  const namesOf = (to: string): string =>
    stages.flatMap((stage) => (stage.id === to ? stage.boxes.map(({ title }) => title) : [])).join(', ');
  const further = own.filter(({ to }) => to !== below?.id);
  const next = own.filter(({ to }) => to === below?.id);
  return [
    ...boxes.map(boxLine),
    ...further.map(({ to, label }) => `    ├─▶ ${label}: ${namesOf(to)}`),
    ...(next.length === 0 ? [''] : ['    │', ...next.map(({ label }) => `    ▼ ${label}`)]),
  ];
}

const boxLine = ({ title, lines, hosts }: Box): string =>
  `${title.padEnd(22)} ${lines.join(', ')}${hosts.length > 0 ? `  [${hosts.join(' ')}]` : ''}`;
