import type { StatusSection } from '../../model/check.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import { type NginxInstance, unit } from './names.ts';
import { frontReply } from './replies.ts';

export const statusOf = (
  instances: readonly NginxInstance[],
  observed: ObservedState,
): readonly StatusSection[] => [
  {
    title: 'Nginx',
    columns: ['host', 'state', 'sees', 'answer', 'certificate until'],
    rows: instances.flatMap(({ host }) => rowsOf(host.name, observed)),
  },
];

function rowsOf(host: string, observed: ObservedState): readonly (readonly string[])[] {
  const state = reachable(observed, host)?.units.get(unit)?.activeState ?? 'unknown';
  const pages = frontReply(observed, host)?.pages ?? [];
  if (pages.length === 0) return [[host, state, '-', '-', '-']];
  return pages.map(({ vip, listener, status, until }) => [
    host,
    state,
    `${listener} through ${vip}`,
    String(status ?? 'none'),
    until ?? '-',
  ]);
}
