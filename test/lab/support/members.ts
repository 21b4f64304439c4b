import { type LabOf, labOf } from './mcp.ts';
import { type Variant, variantOf } from './variant.ts';

const inventory = 'inventories/lab.yaml';

/** Machines beside those of the lab: `mcp lab up` boots them, and the cloud knows nothing of them yet. */
const spares = {
  prx03: '{ rack: c, addresses: { management: 10.77.0.16 }, roles: [proxy] }',
  ctl04: '{ rack: d, addresses: { management: 10.77.0.17 }, roles: [control, messaging] }',
  msg05: '{ rack: e, addresses: { management: 10.77.0.18 }, roles: [messaging] }',
  dbs04: '{ rack: f, addresses: { management: 10.77.0.19 }, roles: [database] }',
  dbs05: '{ rack: g, addresses: { management: 10.77.0.20 }, roles: [database] }',
} as const;

export type Spare = keyof typeof spares;

/** The lab's inventory with some of the spare machines in it, and with `change` made to its text. */
export async function labWith(
  members: readonly Spare[],
  change: (text: string) => string = (text) => text,
): Promise<LabOf> {
  const variant: Variant = await variantOf(inventory, (text) => change(withSpares(text, members)));
  return labOf(variant.inventory);
}

/** The lab with the machines up that may become members. What is up stays up; what is deployed stays deployed. */
export async function bootSpares(members: readonly Spare[]): Promise<LabOf> {
  const lab = await labWith(members);
  await lab.must('lab up');
  return lab;
}

const withSpares = (text: string, members: readonly Spare[]): string =>
  text.replace(
    /(\n {2}prx02:[^\n]*\n)/,
    `$1${members.map((name) => `  ${name}: ${spares[name]}\n`).join('')}`,
  );

/** Units, files and rules of ours; prints nothing where none is left. */
export const leftOfOurs = `
systemctl list-units --all --plain --no-legend 'mcp-*' | grep -v mcp-released
systemctl is-active keepalived nginx horizon | grep -x active
ls -d /etc/mcp /usr/lib/mcp /var/lib/mcp/members /etc/systemd/system/*/mcp.conf 2>/dev/null
nft list tables | grep mcp
true`;
