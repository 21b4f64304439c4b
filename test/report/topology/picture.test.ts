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

const inventories = new URL('../../../inventories/', import.meta.url);
const drawn = async (name: string) => {
  const file = fileURLToPath(new URL(`${name}.yaml`, inventories));
  return pictureOf((await loadTopology(file, { needs: 'topology' })).topology);
};

test("the picture beside the lab's inventory is what the program draws (mcp topology --format svg)", async () => {
  expect(pictureAsSvg(await drawn('lab'))).toBe(await readFile(new URL('lab.svg', inventories), 'utf8'));
});

test('the flow goes from clients through each VIP to the writer', async () => {
  const { stages } = await drawn('lab');
  expect(stages.map(({ boxes }) => boxes.map(({ title }) => title))).toEqual([
    ['Clients'],
    ['VIP public'],
    ['nginx'],
    ['VIP control'],
    ['haproxy-api'],
    ['rabbitmq-management', 'keystone', 'glance', 'placement', 'nova', 'nova-metadata', 'neutron', 'horizon'],
    ['VIP database'],
    ['haproxy-sql'],
    ['galera'],
    ['message broker', 'caches'],
  ]);
});

test('a physical machine shows every host that fails with it', async () => {
  const { machines } = await drawn('reference');
  const kvm01 = machines.find(({ name }) => name === 'kvm01');
  expect(kvm01?.hosts.map(({ name }) => name)).toEqual(expect.arrayContaining(['ctl01', 'dbs01', 'msg01']));
  expect(kvm01?.hosts.find(({ name }) => name === 'dbs01')?.runs).toContain('galera');
});

test.each(['lab', 'three', 'reference'])('no text of the SVG of %s leaves its box', async (name) => {
  const svg = pictureAsSvg(await drawn(name));
  const boxes = [
    ...svg.matchAll(/<rect class="box [^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
  ].map(([, x, y, width, height]) => ({
    x: Number(x),
    y: Number(y),
    right: Number(x) + Number(width),
    bottom: Number(y) + Number(height),
  }));
  const texts = [...svg.matchAll(/<text class="(name|small)" x="([\d.]+)" y="([\d.]+)">([^<]*)</g)].map(
    ([, , x, y, value = '']) => ({ x: Number(x), y: Number(y), value }),
  );
  const inside = texts.flatMap((text) => {
    const box = boxes.find(
      (each) => text.x > each.x && text.x < each.right && text.y > each.y && text.y < each.bottom,
    );
    return box ? [{ text, box }] : [];
  });
  expect(inside.length).toBeGreaterThan(30);
  for (const { text, box } of inside)
    expect(text.x + text.value.length * 6.6, text.value).toBeLessThan(box.right);
});

test('the copy for inspection is in the picture where there is one', async () => {
  const file = fileURLToPath(new URL('lab.yaml', inventories));
  const { topology } = await loadTopology(file, { needs: 'topology' });
  const inventory = { ...topology.inventory, inspection: { address: '10.77.0.20', interface: undefined } };
  expect(pictureAsText(pictureOf({ ...topology, inventory }))).toContain('inspection, 10.77.0.20');
  expect(pictureAsText(pictureOf(topology))).not.toContain('inspection,');
});

test('mermaid has one node for each box and one group for each machine', async () => {
  const picture = await drawn('reference');
  const lines = pictureAsMermaid(picture).split('\n');
  const boxes = picture.stages.flatMap((stage) => stage.boxes);
  for (const { id } of boxes)
    expect(lines.filter((line) => line.trim().startsWith(`${id}[`))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('subgraph machine_'))).toHaveLength(picture.machines.length);
});

test('the text names every machine and what runs there', async () => {
  const text = pictureAsText(await drawn('three'));
  expect(text).toMatch(/node02 \(rack b\)\n.*galera.*keystone.*nginx.*horizon/);
});
