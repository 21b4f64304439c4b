import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { apisDuringPowerCut, longestOutages } from '../lab/support/power-cut.ts';
import { administratorPassword, referenceSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';

const inventory = 'inventories/reference.yaml';
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

test.each(['kvm01', 'kvm02', 'kvm03'])(
  '%s loses its power with all nodes on it: clients get their tokens and lists again within seconds',
  async (machine) => {
    const client = { ...referenceSeat, password: await administratorPassword('reference') };
    const seen = await apisDuringPowerCut(lab, { machine, client, healthyWithinSeconds: 300 });
    for (const { name, attempts } of seen.series) expect(attempts, name).toBeGreaterThan(100);
    for (const [name, outage] of Object.entries(longestOutages(seen)))
      expect(outage, name).toBeLessThan(3000);
  },
);
