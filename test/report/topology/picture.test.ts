import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  pictureAsMermaid,
  pictureAsSvg,
  pictureAsText,
  pictureOf,
} from '../../../src/report/topology/index.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import { inventoryOf } from '../../inventory/any-layout.ts';

const inventories = new URL('../../../inventories/', import.meta.url);
const fileOf = (name: string) => fileURLToPath(new URL(`${name}.yaml`, inventories));
const textOf = (name: string) => readFile(fileOf(name), 'utf8');
const loaded = async (text: string) =>
  (await loadTopology(fileOf('any'), { needs: 'topology', text })).topology;
const drawnFrom = async (text: string) => pictureOf(await loaded(text));
const drawn = async (name: string) => drawnFrom(await textOf(name));

test("the picture beside the lab's inventory is what the program draws (mcp topology --format svg)", async () => {
  expect(pictureAsSvg(await drawn('lab'))).toBe(await readFile(new URL('lab.svg', inventories), 'utf8'));
});

test('the flow goes from clients through each VIP to the writer', async () => {
  const { stages } = await drawn('lab');
  expect(stages.map(({ boxes }) => boxes.map(({ title }) => title))).toEqual([
    ['Clients'],
    ['VIP public'],
    ['nginx'],
    ['horizon'],
    ['VIP control'],
    ['haproxy-api'],
    ['keystone', 'glance', 'placement', 'nova', 'nova-metadata', 'neutron'],
    ['VIP database'],
    ['haproxy-sql'],
    ['galera'],
    ['rabbitmq-management'],
    ['message broker', 'caches'],
  ]);
});

test('a physical machine shows every host that fails with it', async () => {
  const { machines } = await drawn('reference');
  const kvm01 = machines.find(({ name }) => name === 'kvm01');
  expect(kvm01?.hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['ctl01', 'dbs01', 'msg01']));
  expect(kvm01?.hosts.find(({ name }) => name === 'dbs01')?.runs).toContain('galera');
});

test('Horizon is asked by the proxies themselves, and asks the APIs as any client does', async () => {
  const { flows, stages } = await drawn('lab');
  const horizon = stages.find(({ boxes }) => boxes.some(({ title }) => title === 'horizon'))?.id;
  const asked = (id: typeof horizon) => flows.flatMap(({ from, to }) => (to === id ? from : []));
  expect(asked(horizon)).toEqual(['frontsproxy']);
  expect(asked('vipscontrol')).toEqual(['frontsproxy', 'pages']);
});

test('services ask the broker and the caches directly, and what asks no database has no arrow to one', async () => {
  const { flows, stages } = await drawn('lab');
  const boxesIn = (id: string) => stages.find((stage) => stage.id === id)?.boxes.map(({ title }) => title);
  expect(boxesIn('members')).toEqual(['message broker', 'caches']);
  expect(flows.filter(({ to }) => to === 'members')).toEqual([
    { from: 'services', to: 'members', label: 'AMQP and memcached, directly, with no VIP between' },
  ]);
  expect(boxesIn('others')).toEqual(['rabbitmq-management']);
  expect(flows.filter(({ from }) => from === 'others')).toEqual([]);
});

test('arrows say TLS where it is spoken only', async () => {
  const text = await textOf('lab');
  const labels = async (changed: string) => (await drawnFrom(changed)).flows.map(({ label }) => label);
  expect((await labels(text)).filter((label) => label.startsWith('HTTPS'))).toHaveLength(3);
  const clear = await labels(text.replaceAll('tls: true', 'tls: false'));
  expect(clear.filter((label) => label.includes('HTTPS'))).toEqual([]);
  const encrypted = text.replace('services:\n', 'services:\n  rabbitmq: { tls: true }\n');
  expect((await labels(encrypted)).at(-1)).toMatch(/^AMQP with TLS and memcached/);
});

test('where there are several networks, they and who is asked in which of them are in the picture', async () => {
  const networks = ['internal', 'public', 'replication'] as const;
  const divided = await drawnFrom(JSON.stringify(inventoryOf({ ...five, networks })));
  expect(divided.networks.map(({ name }) => name)).toEqual(['management', ...networks]);
  const linesOf = (title: string) =>
    divided.stages.flatMap(({ boxes }) => boxes).find((box) => box.title === title)?.lines ?? [];
  expect(linesOf('VIP control')).toContain('10.80.0.100 in replication');
  expect(linesOf('VIP public')).toContain('10.77.0.102 in management');
  expect(linesOf('keystone')).toContain('in internal');
  expect(linesOf('galera')).toContainEqual(expect.stringMatching(/^in (internal|replication)$/));
  expect(pictureAsText(divided)).toMatch(/\nNetworks\n {2}management +\d/);
  expect(pictureAsSvg(divided)).toContain('>Networks<');
  expect(pictureAsMermaid(divided)).toContain('subgraph networks');
  const whole = await drawn('lab');
  expect(whole.networks).toEqual([]);
  expect(pictureAsSvg(whole)).not.toContain('>Networks<');
});

const five = {
  kind: 'five',
  release: 'bookworm',
  networks: [],
  tls: true,
  isNamed: true,
  prefix: 'host',
} as const;

/** The widest letters there are, in as many as a name may have. */
const longest = { 'm…': 'm'.repeat(62), 'w-…': 'w-'.repeat(31) };

test.each(['lab', 'three', 'reference'])('no text of the SVG of %s leaves its box', async (name) => {
  expectInside(pictureAsSvg(await drawn(name)));
});

test.each(Object.entries(longest))(
  'nor do names of 63 characters and the longest domain (%s)',
  async (_name, prefix) => {
    let vips = 0;
    const text = JSON.stringify(inventoryOf({ ...five, prefix }))
      .replaceAll(/"hostname":"[^"]*"/g, () => `"hostname":"${'www.'.repeat(60)}v${++vips}.example"`)
      .replaceAll('"roles":', `"rack":"${'W'.repeat(63)}","roles":`);
    const svg = pictureAsSvg(await drawnFrom(text));
    expect(svg).toContain(`>${prefix.slice(0, 4)}`);
    expectInside(svg);
  },
);

test('no two boxes of the SVG overlap, and no arrow beside them crosses one', async () => {
  for (const name of ['lab', 'three', 'reference']) {
    const svg = pictureAsSvg(await drawn(name));
    const boxes = boxesOf(svg);
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) expect(overlap(one, other), name).toBe(false);
    }
    const lanes = [...svg.matchAll(/<path class="arrow" d="M[\d.]+ ([\d.]+)H([\d.]+)V([\d.]+)H/g)];
    expect(lanes.length).toBeGreaterThan(2);
    for (const [, from, x, to] of lanes.map((lane) => lane.map(Number))) {
      const line = { x: Number(x) - 1, right: Number(x) + 1, y: Number(from), bottom: Number(to) };
      expect(boxes.filter((box) => overlap(box, line))).toEqual([]);
    }
  }
});

test.each(['light', 'dark'] as const)(
  'on a %s page texts and frames stand out from what is behind them',
  async (scheme) => {
    const colours = coloursOf(pictureAsSvg(await drawn('lab')), scheme);
    const boxes = ['client', 'vip', 'balancer', 'services', 'store', 'machine'];
    for (const behind of ['page', ...boxes]) {
      for (const letters of ['text', 'small']) {
        // As WCAG 2.2 wants it of texts (1.4.3), and of drawings (1.4.11).
        expect(
          contrast(colours(letters, 'fill'), colours(behind, 'fill')),
          `${letters} on ${behind}`,
        ).toBeGreaterThan(4.5);
      }
    }
    for (const frame of [...boxes, 'arrow']) {
      expect(
        contrast(colours(frame, 'stroke'), colours('page', 'fill')),
        `frame of ${frame}`,
      ).toBeGreaterThan(3);
    }
  },
);

test('the copy for inspection is in the picture where there is one', async () => {
  const file = fileURLToPath(new URL('lab.yaml', inventories));
  const { topology } = await loadTopology(file, { needs: 'topology' });
  const inventory = { ...topology.inventory, inspection: { address: '10.77.0.20', interface: undefined } };
  expect(pictureAsText(pictureOf({ ...topology, inventory }))).toContain('inspection, 10.77.0.20');
  expect(pictureAsText(pictureOf(topology))).not.toContain('inspection,');
});

test('mermaid has one node for each box, one group for each machine, and an arrow for each who asks', async () => {
  const picture = await drawn('reference');
  const lines = pictureAsMermaid(picture).split('\n');
  const boxes = picture.stages.flatMap((stage) => stage.boxes);
  for (const { id } of boxes)
    expect(lines.filter((line) => line.trim().startsWith(`${id}[`))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('subgraph machine_'))).toHaveLength(picture.machines.length);
  expect(lines.filter((line) => line.includes('-->'))).toHaveLength(picture.flows.length);
});

test('no two things of mermaid have one id, however little their names differ', async () => {
  const { vips, ...others } = inventoryOf(five);
  const alike = Object.fromEntries(
    ['a-b', 'ab', 'a--b'].map((name, index) => [
      name,
      { role: 'proxy', address: `10.77.0.11${index}`, routerId: 70 + index, tls: true },
    ]),
  );
  const text = JSON.stringify({ ...others, vips: { ...Object(vips), ...alike } });
  const ids = idsOf(pictureAsMermaid(await drawnFrom(text)));
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const { machines, ...picture } = await drawn('lab');
  const [one, other] = ['a-b', 'a.b'].map((name) => ({
    ...machines[0],
    name,
    rack: undefined,
    hosts: [{ name, runs: ['host'] }],
  }));
  const both = idsOf(pictureAsMermaid({ ...picture, machines: [one, other].flatMap((each) => each ?? []) }));
  expect(both.filter((id, index) => both.indexOf(id) !== index)).toEqual([]);
});

test('the text names every machine and what runs there', async () => {
  const text = pictureAsText(await drawn('three'));
  expect(text).toMatch(/node02 \(rack b\)\n.*galera.*keystone.*nginx.*horizon/);
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}

const boxesOf = (svg: string): readonly Box[] =>
  [...svg.matchAll(/<rect class="box [^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)]
    .map((found) => found.slice(1).map(Number))
    .map(([x = 0, y = 0, width = 0, height = 0]) => ({ x, y, right: x + width, bottom: y + height }));

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.right && other.x < one.right && one.y < other.bottom && other.y < one.bottom;

/** Of DejaVu Sans Bold, which is as wide as any: thousandths of the font's size. */
const widths: Readonly<Record<string, number>> = {
  m: 1042,
  w: 924,
  W: 1103,
  M: 995,
  '-': 415,
  '.': 380,
  ' ': 348,
  r: 493,
  t: 478,
  i: 343,
  l: 343,
};

function expectInside(svg: string): void {
  const boxes = boxesOf(svg);
  const texts = [...svg.matchAll(/<text class="(name|small)" x="([\d.]+)" y="([\d.]+)">([^<]*)</g)].map(
    ([, kind, x, y, value = '']) => ({ kind, x: Number(x), y: Number(y), value }),
  );
  const inside = texts.flatMap((text) => {
    const box = boxes.find(
      (each) => text.x > each.x && text.x < each.right && text.y > each.y && text.y < each.bottom,
    );
    return box ? [{ text, box }] : [];
  });
  expect(inside.length).toBeGreaterThan(30);
  for (const { text, box } of inside) {
    const size = text.kind === 'name' ? 13 : 12 / 1.1;
    const width = [...text.value].reduce((sum, letter) => sum + ((widths[letter] ?? 690) / 1000) * size, 0);
    expect(text.x + width, text.value).toBeLessThan(box.right);
  }
}

/** Of a class, or of all text; what is said for dark pages comes last and wins there. */
function coloursOf(svg: string, scheme: 'light' | 'dark') {
  const style = /<style>(.*)<\/style>/.exec(svg)?.[1] ?? '';
  const [light = '', dark = ''] = style.split('@media(prefers-color-scheme:dark)');
  return (name: string, property: 'fill' | 'stroke'): string => {
    const rule = new RegExp(
      `(?:^|[{},])${name === 'text' ? 'text' : `\\.${name}`}\\{[^}]*?\\b${property}:(#[0-9a-f]{6})`,
      'g',
    );
    return [...(scheme === 'light' ? light : light + dark).matchAll(rule)].at(-1)?.[1] ?? '';
  };
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [one, other].map(luminance).toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = Number.NaN, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const idsOf = (mermaid: string): readonly string[] =>
  [...mermaid.matchAll(/^ *(?:subgraph )?(\w+)\["/gm)].map(([, id = '']) => id);
