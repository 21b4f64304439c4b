import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { onEach } from './hosts.ts';
import type { LabOf } from './mcp.ts';
import type { StoreSeen } from './store-watch.ts';

/** As the UPS does it: one after the other, and then all of them come up again. */
export async function stopInOrder(
  lab: LabOf,
  databases: readonly string[],
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  for (const host of databases) await lab.on(host, 'systemctl stop mariadb');
  await meanwhile();
  await onEach(lab, databases, 'systemctl start --no-block mariadb');
  await sleep(5000);
}

/** At different moments, and held down until the last is dead: nobody remembers a group that could form again. */
export async function killOneAfterTheOther(lab: LabOf, databases: readonly string[]): Promise<void> {
  for (const host of databases) {
    await lab.on(host, 'systemctl mask --runtime mariadb; systemctl kill --signal=KILL mariadb');
    await sleep(4000);
  }
  await onEach(lab, databases, 'rm -f /var/lib/mysql/gvwstate.dat');
  await onEach(lab, databases, 'systemctl unmask --runtime mariadb; systemctl start --no-block mariadb');
  await sleep(5000);
}

/** Of what was acknowledged while members were down and came back, each of them has every row, and no notification is lost. */
export async function expectAllRows(
  lab: LabOf,
  databases: readonly string[],
  { run, rows, lostMessages }: StoreSeen,
  what: string,
): Promise<void> {
  const count = `mariadb -N -B -e "SELECT COUNT(*) FROM mcp_drill.writes WHERE run = '${run}'"`;
  const found = await onEach(lab, databases, count);
  console.log(`${what}: ${rows.length} rows acknowledged, found ${JSON.stringify(found)}`);
  expect(rows.length).toBeGreaterThan(10);
  for (const each of Object.values(found)) expect(Number(each)).toBeGreaterThanOrEqual(rows.length);
  expect(lostMessages).toEqual([]);
}
