import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processorHierarchy } from '../../src/lab/cgroup.ts';
import { freshLab } from './support/deployed.ts';
import { type LabOf, labOf } from './support/mcp.ts';

const inventory = 'inventories/three.yaml';
const hosts = ['node01', 'node02', 'node03'];
let lab: LabOf;

beforeAll(async () => {
  lab = await freshLab(inventory);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

// A machine and its one node have the same name here, and parts of their own all the same.
const machinePart = (host: string) => `${processorHierarchy}/mcp-lab/mcp-three/${host}`;
const nodePart = (host: string) => `${machinePart(host)}/${host}`;
const numberIn = async (folder: string, file: string) => Number(await readFile(`${folder}/${file}`, 'utf8'));
const processesIn = async (folder: string) =>
  (await readFile(`${folder}/cgroup.procs`, 'utf8')).trim().split('\n').length;

test('each machine has half of the processors at most, and its host runs there', async () => {
  for (const host of hosts) {
    expect(await processesIn(nodePart(host)), host).toBeGreaterThan(5);
    const [quota, period] = [
      await numberIn(machinePart(host), 'cpu.cfs_quota_us'),
      await numberIn(machinePart(host), 'cpu.cfs_period_us'),
    ];
    expect((2 * quota) / period).toBeCloseTo(cpus().length);
  }
});

test('a lab that is taken down while a client of it still runs comes up again at once', async () => {
  const client = spawn('sleep', ['300'], { stdio: 'ignore' });
  await writeFile(`${processorHierarchy}/mcp-lab/mcp-three/.clients/cgroup.procs`, `${client.pid}`);
  await lab.must('lab down');
  client.kill('SIGKILL');
  await once(client, 'exit');
  await lab.must('lab down');
  await lab.must('lab up');
});

test('a machine whose power comes back leaves the processors to the others while it boots, and no longer', async () => {
  const parts = hosts.flatMap((host) =>
    host === 'node02' ? [machinePart(host), nodePart(host)] : [machinePart(host)],
  );
  const idle = () => Promise.all(parts.map((part) => numberIn(part, 'cpu.idle')));
  const usual = await numberIn(machinePart('node02'), 'cpu.shares');
  await lab.must('lab power-off', 'node02');
  await lab.must('lab power-on', 'node02');
  expect(await idle()).toEqual([0, 1, 1, 0]);
  // There is little on it to start, but it is looked at every five seconds, and must have been quiet five times.
  const until = Date.now() + 60_000;
  while ((await idle()).includes(1) && Date.now() < until) await sleep(500);
  expect(await idle()).toEqual([0, 0, 0, 0]);
  expect(await numberIn(machinePart('node02'), 'cpu.shares')).toBe(usual);
});

test('a machine that loses its power while it boots makes way no longer', async () => {
  await lab.must('lab power-off', 'node03');
  await lab.must('lab power-on', 'node03');
  await lab.must('lab power-off', 'node03');
  expect(await numberIn(machinePart('node03'), 'cpu.idle')).toBe(0);
  expect(await numberIn(nodePart('node03'), 'cpu.idle')).toBe(0);
  await lab.must('lab down');
  await expect(readFile(`${machinePart('node03')}/cpu.shares`)).rejects.toThrow('ENOENT');
});
