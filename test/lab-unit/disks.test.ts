import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeLab, type LabHost } from '../../src/lab/description.ts';
import { disksFolder, diskWords } from '../../src/lab/disks.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const inventory = aLabInventory([
  aMachine('dbs01', [{ ...aNode('dbs01', { management: '10.77.0.11' }), roles: ['database', 'messaging'] }]),
  aMachine('prx01', [{ ...aNode('prx01', { management: '10.77.0.12' }), roles: ['proxy'] }]),
]);
const disks = { database: ['/var/lib/mysql'], messaging: ['/var/lib/mysql'] };

test('hosts of a role have the file systems that the inventory gives it, each once', () => {
  const lab = inventory.lab && { ...inventory.lab, disks };
  const { hosts } = describeLab({ ...inventory, lab });
  expect(hosts.map((host) => host.disks)).toEqual([['/var/lib/mysql'], undefined]);
  expect(describeLab(inventory).hosts[0]).not.toHaveProperty('disks');
});

test('a host boots with the disks that were made for it, and without those that were not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-disks-'));
  try {
    const host: LabHost = {
      ...{ name: 'dbs01', machine: 'dbs01', address: '10.77.0.11', sshPort: 22, links: [] },
      ...{ folder, disks: ['/var/lib/mysql'] },
    };
    expect(diskWords(host)).toEqual([]);
    mkdirSync(disksFolder(host));
    writeFileSync(join(disksFolder(host), 'var-lib-mysql.img'), '');
    expect(diskWords(host)).toEqual([`--bind=${folder}/mounted/var-lib-mysql:/var/lib/mysql`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
