import type { Maintenance } from '../model/membership.ts';
import type { Plan } from '../model/plan.ts';
import { type Paint, plain } from './paint.ts';
import { jsonVersion } from './plan-json.ts';
import { tableAsText } from './table.ts';

/** What is about to be done with a host. */
export interface ShownMaintenance {
  readonly host: string;
  readonly verb: 'enter' | 'leave';
  readonly plan: Plan;
  readonly isBehind: boolean;
}

/** Who leaves a host, or returns to it, in their order, and what is left meanwhile. */
export function maintenanceAsText(
  { host, verb, plan, isBehind }: ShownMaintenance,
  paint: Paint = plain,
): string {
  const title = `${plan.cloud}: ${host} ${verb === 'enter' ? 'goes into maintenance' : 'comes back from maintenance'}`;
  const steps = plan.batches.map(({ id, title: what, capacity }) => {
    const meanwhile = capacity === '' ? '' : paint.yellow(` · meanwhile ${capacity}`);
    return `${String(id).padStart(2)}  ${what}${meanwhile}`;
  });
  const away = plan.missing.map(({ host: other, reason }) => `${paint.yellow('!')} ${other} ${reason}`);
  const advice =
    verb === 'enter'
      ? 'run `mcp deploy` first, or a power cycle may bring back what has left'
      : '`mcp deploy` catches it up when it is back';
  const behind = isBehind ? [`${paint.yellow('!')} ${host} is not up to date: ${advice}`] : [];
  return [paint.bold(title), ...steps, ...away, ...behind].join('\n');
}

type Listed = Maintenance & { readonly host: string };

/** Hosts in maintenance: since when, who asked, why. */
export const restingAsText = (hosts: readonly Listed[], paint: Paint = plain): string =>
  hosts.length === 0
    ? 'no host is in maintenance'
    : tableAsText(
        ['host', 'since', 'asked by', 'reason'],
        hosts.map(({ host, since, by, reason }) => [host, since, by, reason]),
        paint,
      );

/** The same for machines. */
export const restingAsJson = (hosts: readonly Listed[]): object => ({
  type: 'maintenance',
  version: jsonVersion,
  hosts,
});
