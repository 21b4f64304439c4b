import type { Box, Machine, Picture, Stage } from './picture.ts';

const width = 1180;
const margin = 24;
const gap = 14;
const lineHeight = 17;
const arrowHeight = 40;
/** Of the font below, a little more than most letters take. */
const letterWidth = 7.2;

/** The picture as an SVG that needs nothing else: no font, no script, legible on light and dark pages. */
export function pictureAsSvg({ title, stages, machines }: Picture): string {
  let y = 56;
  const drawn: string[] = [];
  for (const [index, stage] of stages.entries()) {
    const { parts, height } = stageAt(stage, y);
    drawn.push(...parts);
    y += height;
    if (stage.leadsOn !== '' && index < stages.length - 1) drawn.push(arrow(y, stage.leadsOn));
    y += arrowHeight;
  }
  drawn.push(
    text({ x: margin, y: y + 6, value: 'Physical machines: each may fail by itself', kind: 'heading' }),
  );
  const below = machinesAt(machines, y + 22);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${below.bottom + margin}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${below.bottom + margin}" rx="10"/>`,
    text({ x: margin, y: 34, value: title, kind: 'title' }),
    ...drawn,
    ...below.parts,
    '</svg>',
  ].join('\n')}\n`;
}

const style = [
  'text{font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2937}',
  '.title{font-size:19px;font-weight:600}',
  '.heading,.name{font-weight:600}',
  '.small{font-size:12px;fill:#4b5563}',
  '.page{fill:#ffffff}',
  '.box{stroke-width:1.3}',
  '.client{fill:#f3f4f6;stroke:#6b7280}',
  '.vip{fill:#fef3c7;stroke:#b45309}',
  '.balancer{fill:#dbeafe;stroke:#1d4ed8}',
  '.services{fill:#dcfce7;stroke:#15803d}',
  '.store{fill:#ede9fe;stroke:#6d28d9}',
  '.machine{fill:#f9fafb;stroke:#9ca3af;stroke-dasharray:5 3}',
  '.arrow{stroke:#374151;stroke-width:1.6;fill:none}',
  '.tip{fill:#374151}',
  '@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.small{fill:#9ca3af}.page{fill:#111827}',
  '.client{fill:#1f2937}.vip{fill:#451a03}.balancer{fill:#172554}.services{fill:#052e16}.store{fill:#2e1065}',
  '.machine{fill:#1f2937}.arrow{stroke:#d1d5db}.tip{fill:#d1d5db}}',
].join('');

interface Drawn {
  readonly parts: readonly string[];
  readonly height: number;
}

/** The boxes of a stage in as many rows as they need, each row filled from one side to the other. */
function stageAt({ boxes, kind }: Stage, top: number): Drawn {
  const rows = rowsOf(boxes);
  const parts: string[] = [];
  let y = top;
  for (const row of rows) {
    const boxWidth = Math.min(360, (width - 2 * margin - gap * (row.length - 1)) / row.length);
    const rowWidth = boxWidth * row.length + gap * (row.length - 1);
    const height = Math.max(...row.map((box) => heightOf(box, boxWidth)));
    row.forEach((box, index) => {
      const x = (width - rowWidth) / 2 + index * (boxWidth + gap);
      parts.push(...boxAt(box, { x, y, width: boxWidth, height, kind }));
    });
    y += height + gap;
  }
  return { parts, height: y - gap - top };
}

const mostInARow = 5;

/** Rows of nearly the same length. */
function rowsOf(boxes: readonly Box[]): readonly (readonly Box[])[] {
  const rows = Math.ceil(boxes.length / mostInARow);
  const perRow = Math.ceil(boxes.length / rows);
  return Array.from({ length: rows }, (_, row) => boxes.slice(row * perRow, (row + 1) * perRow));
}

const linesOf = ({ lines, hosts }: Box, boxWidth: number): readonly string[] => [
  ...lines,
  ...wrapped(hosts, boxWidth),
];

const heightOf = (box: Box, boxWidth: number): number => 30 + lineHeight * linesOf(box, boxWidth).length;

/** Words in lines that fit into a box. */
function wrapped(words: readonly string[], boxWidth: number): readonly string[] {
  const most = Math.max(8, Math.floor((boxWidth - 24) / letterWidth));
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const boxAt = (box: Box, { kind, ...place }: Place & { readonly kind: Stage['kind'] }): readonly string[] => [
  frame(place, kind),
  text({ x: place.x + 12, y: place.y + 21, value: box.title, kind: 'name' }),
  ...linesOf(box, place.width).map((value, index) =>
    text({ x: place.x + 12, y: place.y + 21 + lineHeight * (index + 1), value, kind: 'small' }),
  ),
];

function machinesAt(
  machines: readonly Machine[],
  top: number,
): { readonly parts: readonly string[]; readonly bottom: number } {
  const perRow = Math.min(machines.length, 5);
  const boxWidth = (width - 2 * margin - gap * (perRow - 1)) / perRow;
  const parts: string[] = [];
  let y = top;
  for (let first = 0; first < machines.length; first += perRow) {
    const row = machines.slice(first, first + perRow);
    const height = Math.max(
      ...row.map((machine) => 38 + lineHeight * machineLines(machine, boxWidth).length),
    );
    row.forEach((machine, index) => {
      const x = margin + index * (boxWidth + gap);
      const name = `${machine.name}${machine.rack === undefined ? '' : `, rack ${machine.rack}`}`;
      parts.push(
        frame({ x, y, width: boxWidth, height }, 'machine'),
        text({ x: x + 12, y: y + 21, value: name, kind: 'name' }),
        ...machineLines(machine, boxWidth).map(({ value, kind }, line) =>
          text({ x: x + 12, y: y + 21 + lineHeight * (line + 1), value, kind }),
        ),
      );
    });
    y += height + gap;
  }
  return { parts, bottom: y - gap };
}

const machineLines = ({ name, hosts }: Machine, boxWidth: number) =>
  hosts.flatMap(({ name: host, runs }) => [
    ...(host === name ? [] : [{ value: host, kind: 'name' as const }]),
    ...wrapped(runs, boxWidth).map((value) => ({ value, kind: 'small' as const })),
  ]);

const frame = ({ x, y, width: wide, height }: Place, kind: string): string =>
  `<rect class="box ${kind}" x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(height)}" rx="7"/>`;

function arrow(y: number, label: string): string {
  const x = width / 2;
  return [
    `<path class="arrow" d="M${x} ${y + 5}V${y + arrowHeight - 12}"/>`,
    `<path class="tip" d="M${x - 5} ${y + arrowHeight - 13}h10l-5 9z"/>`,
    text({ x: x + 14, y: y + arrowHeight / 2 + 4, value: label, kind: 'small' }),
  ].join('');
}

interface Text {
  readonly x: number;
  readonly y: number;
  readonly value: string;
  readonly kind: 'title' | 'heading' | 'name' | 'small';
}

const text = ({ x, y, value, kind }: Text): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(value)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
