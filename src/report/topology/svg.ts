import type { Box, Flow, Machine, Picture, PicturedNetwork, Stage } from './picture.ts';
import { wrapped } from './wrapped.ts';

const width = 1180;
const margin = 24;
const gap = 14;
const lineHeight = 17;
const arrowHeight = 40;
/** Between two arrows beside the boxes, each with its words along it. */
const laneWidth = 34;
/** What is left and right of the words of a box. */
const padding = 12;

/** The picture as an SVG that needs nothing else: no font, no script, legible on light and dark pages. */
export function pictureAsSvg({ title, stages, flows, networks, machines }: Picture): string {
  const aside = flows.filter((flow) => !isRightBelow(flow, stages));
  const right = width - margin - laneWidth * aside.length;
  let y = 56;
  const drawn: string[] = [];
  const placed = new Map<string, Drawn>();
  for (const [index, stage] of stages.entries()) {
    const at = stageAt(stage, { top: y, right });
    placed.set(stage.id, at);
    drawn.push(...at.parts);
    y += at.height;
    const below = flows.find(({ from, to }) => from === stage.id && to === stages[index + 1]?.id);
    if (below) drawn.push(arrow({ x: (margin + right) / 2, y, label: below.label }));
    y += arrowHeight;
  }
  drawn.push(
    ...aside.flatMap(({ from, to, label }, index) => {
      const [start, end] = [placed.get(from), placed.get(to)];
      return start && end ? lane({ start, end, x: right + laneWidth * (index + 0.6), label }) : [];
    }),
  );
  if (networks.length > 0) {
    drawn.push(text({ x: margin, y: y + 6, value: 'Networks', kind: 'heading' }));
    const row = framed(networks.map(linesOfNetwork), { top: y + 22, right: width - margin });
    drawn.push(...row.parts);
    y = row.bottom + arrowHeight;
  }
  drawn.push(
    text({ x: margin, y: y + 6, value: 'Physical machines: each may fail by itself', kind: 'heading' }),
  );
  const below = framed(machines.map(linesOfMachine), { top: y + 22, right: width - margin });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${round(below.bottom + margin)}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${round(below.bottom + margin)}" rx="10"/>`,
    text({ x: margin, y: 34, value: title, kind: 'title' }),
    ...drawn,
    ...below.parts,
    '</svg>',
  ].join('\n')}\n`;
}

/** Then there is nothing between them. */
const isRightBelow = ({ from, to }: Flow, stages: readonly Stage[]): boolean =>
  stages.findIndex(({ id }) => id === to) === stages.findIndex(({ id }) => id === from) + 1;

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
  '.machine{fill:#f9fafb;stroke:#6b7280;stroke-dasharray:5 3}',
  '.arrow{stroke:#374151;stroke-width:1.6;fill:none}',
  '.tip{fill:#374151}',
  '@media(prefers-color-scheme:dark){text{fill:#e5e7eb}.small{fill:#9ca3af}.page{fill:#111827}',
  '.client{fill:#1f2937;stroke:#9ca3af}.vip{fill:#451a03;stroke:#f59e0b}.balancer{fill:#172554;stroke:#60a5fa}',
  '.services{fill:#052e16;stroke:#22c55e}.store{fill:#2e1065;stroke:#a78bfa}',
  '.machine{fill:#1f2937;stroke:#9ca3af}.arrow{stroke:#d1d5db}.tip{fill:#d1d5db}}',
].join('');

interface Drawn {
  readonly parts: readonly string[];
  readonly top: number;
  readonly height: number;
  /** Where its boxes end on the right. */
  readonly edge: number;
}

interface Region {
  readonly top: number;
  readonly right: number;
}

/** The boxes of a stage in as many rows as they need, each row filled from one side to the other. */
function stageAt({ boxes, kind }: Stage, { top, right }: Region): Drawn {
  const parts: string[] = [];
  let y = top;
  let edge = margin;
  for (const row of rowsOf(boxes)) {
    const boxWidth = Math.min(360, (right - margin - gap * (row.length - 1)) / row.length);
    const rowWidth = boxWidth * row.length + gap * (row.length - 1);
    const left = margin + (right - margin - rowWidth) / 2;
    const lines = row.map((box) => linesOf(box, boxWidth));
    const height = heightOf(lines);
    lines.forEach((own, index) => {
      parts.push(...boxAt(own, { x: left + index * (boxWidth + gap), y, width: boxWidth, height, kind }));
    });
    edge = Math.max(edge, left + rowWidth);
    y += height + gap;
  }
  return { parts, top, height: y - gap - top, edge };
}

const mostInARow = 5;

/** Rows of nearly the same length. */
function rowsOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const rows = Math.ceil(items.length / mostInARow);
  const perRow = Math.ceil(items.length / rows);
  return Array.from({ length: rows }, (_, row) => items.slice(row * perRow, (row + 1) * perRow));
}

interface Line {
  readonly value: string;
  readonly kind: 'name' | 'small';
}

const linesOf = ({ title, lines, hosts }: Box, boxWidth: number): readonly Line[] => [
  ...named(title, boxWidth),
  ...lines.flatMap((line) => small(line.split(' '), boxWidth)),
  ...small(hosts, boxWidth),
];

type LinesIn = (boxWidth: number) => readonly Line[];

const linesOfNetwork =
  ({ name, lines }: PicturedNetwork): LinesIn =>
  (boxWidth) => [...named(name, boxWidth), ...lines.flatMap((line) => small(line.split(' '), boxWidth))];

const linesOfMachine =
  ({ name, rack, hosts }: Machine): LinesIn =>
  (boxWidth) => [
    ...named(`${name}${rack === undefined ? '' : `, rack ${rack}`}`, boxWidth),
    ...hosts.flatMap(({ name: host, runs }) => [
      ...(host === name ? [] : named(host, boxWidth)),
      ...small(runs, boxWidth),
    ]),
  ];

const named = (value: string, boxWidth: number): readonly Line[] =>
  wrapped(value.split(' '), { width: boxWidth - 2 * padding, fontSize: 13, bold: true }).map((line) => ({
    value: line,
    kind: 'name',
  }));

const small = (words: readonly string[], boxWidth: number): readonly Line[] =>
  wrapped(words, { width: boxWidth - 2 * padding, fontSize: 12, bold: false }).map((line) => ({
    value: line,
    kind: 'small',
  }));

const heightOf = (boxes: readonly (readonly Line[])[]): number =>
  Math.max(...boxes.map((lines) => 13 + lineHeight * lines.length));

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const boxAt = (
  lines: readonly Line[],
  { kind, ...place }: Place & { readonly kind: Stage['kind'] | 'machine' },
): readonly string[] => [
  frame(place, kind),
  ...lines.map(({ value, kind: weight }, index) =>
    text({ x: place.x + padding, y: place.y + 21 + lineHeight * index, value, kind: weight }),
  ),
];

/** What nobody asks: machines, networks. */
function framed(
  boxes: readonly LinesIn[],
  { top, right }: Region,
): { readonly parts: readonly string[]; readonly bottom: number } {
  const perRow = Math.min(boxes.length, mostInARow);
  const boxWidth = (right - margin - gap * (perRow - 1)) / perRow;
  const parts: string[] = [];
  let y = top;
  for (let first = 0; first < boxes.length; first += perRow) {
    const row = boxes.slice(first, first + perRow).map((linesIn) => linesIn(boxWidth));
    const height = heightOf(row);
    row.forEach((lines, index) => {
      const x = margin + index * (boxWidth + gap);
      parts.push(...boxAt(lines, { x, y, width: boxWidth, height, kind: 'machine' }));
    });
    y += height + gap;
  }
  return { parts, bottom: y - gap };
}

const frame = ({ x, y, width: wide, height }: Place, kind: string): string =>
  `<rect class="box ${kind}" x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(height)}" rx="7"/>`;

interface Arrow {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

const arrow = ({ x, y, label }: Arrow): string =>
  [
    `<path class="arrow" d="M${round(x)} ${round(y + 5)}V${round(y + arrowHeight - 12)}"/>`,
    `<path class="tip" d="M${round(x - 5)} ${round(y + arrowHeight - 13)}h10l-5 9z"/>`,
    text({ x: x + 14, y: y + arrowHeight / 2 + 4, value: label, kind: 'small' }),
  ].join('');

interface Lane {
  readonly start: Drawn;
  readonly end: Drawn;
  readonly x: number;
  readonly label: string;
}

/** An arrow past what stands between. Each leaves and arrives at a height of its own, so that none hides another. */
function lane({ start, end, x, label }: Lane): readonly string[] {
  const from = start.top + start.height * share(x);
  const to = end.top + end.height * share(x);
  return [
    `<path class="arrow" d="M${round(start.edge + 4)} ${round(from)}H${round(x)}V${round(to)}H${round(end.edge + 12)}"/>`,
    `<path class="tip" d="M${round(end.edge + 13)} ${round(to - 5)}v10l-9 -5z"/>`,
    `<text class="small" transform="translate(${round(x + 6)} ${round(from + 10)}) rotate(90)">${escaped(label)}</text>`,
  ];
}

/** Lanes further out leave lower and arrive higher. */
const share = (x: number): number => 0.25 + (0.5 * (width - x)) / (laneWidth * 8);

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
