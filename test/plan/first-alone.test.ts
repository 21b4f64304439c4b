import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineService } from '../../src/model/service.ts';
import { batchesOf } from '../../src/plan/batches.ts';
import { runningUnit } from '../../src/resources/index.ts';
import { aTopology, fiveHosts, instancesFor } from '../support/topology.ts';

const hosts = fiveHosts();
const wall = runningUnit('wall.service', { reloadOn: ['/etc/wall.conf'], guarded: true });
const plain = runningUnit('plain.service');

const service = defineService({
  name: 'wall',
  title: 'Wall',
  roles: 'all',
  after: [],
  settings: z.unknown(),
  rolling: { first: 'together', later: 'together' },
  quorum: 'none',
  sockets: () => [],
  resources: () => [wall],
  checks: () => [],
  // ctl03 and prx02 carry nothing.
  carries: ({ host }) => (['ctl03', 'prx02'].includes(host.name) ? [] : ['a VIP']),
});

const planned = (unit: string, first: boolean, newcomers: readonly string[] = []) => {
  const instances = instancesFor('wall', {}, hosts);
  const record = { restart: 'x', reload: 'y' };
  const change = {
    ...{
      service,
      instances,
      first,
      newcomers: new Set(newcomers),
      bootstrap: undefined,
      files: [],
      admissions: [],
      withheld: [],
      closing: [],
      last: [],
    },
    hosts: hosts.map(({ name }) => ({
      ...{
        host: name,
        files: [],
        admission: [],
        admits: false,
        closes: false,
        last: [],
        effect: 'starts' as const,
      },
      steps: [{ kind: 'unit' as const, unit, action: 'reload' as const, record }],
    })),
  };
  const described = hosts.map(({ name: host }) => ({
    host,
    services: [{ service: 'wall', resources: [wall, plain], validators: [], probes: [], data: [] }],
  }));
  const desired = { hosts: new Map(described.map((each) => [each.host, each])) };
  const topology = { ...aTopology({ hosts }), instances };
  const observed = { hosts: new Map() };
  const request = { topology, services: [service], desired, observed, overwriteDrift: false };
  return batchesOf(change, request).map((batch) => batch.hosts.map(({ host }) => host));
};

test('what could cut hosts off goes to one of each kind first, to the one that is missed the least, then to the others', () => {
  expect(planned('wall.service', false)).toEqual([['ctl03'], ['prx02'], ['ctl01', 'ctl02', 'prx01']]);
  // One that has just come tells nothing of the others.
  expect(planned('wall.service', false, ['ctl03'])[0]).toEqual(['ctl01']);
});

test('nobody goes first where nothing could be cut off, or there is no cloud yet', () => {
  expect(planned('plain.service', false)).toHaveLength(1);
  expect(planned('wall.service', true)).toHaveLength(1);
});
