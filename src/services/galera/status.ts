import type { StatusSection } from '../../model/check.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { type Member, memberOn } from './member.ts';
import { writerOf } from './writer.ts';

/** The members as an operator wants to see them. */
export function galeraStatus(
  instances: readonly Instance[],
  topology: Topology,
  observed: ObservedState,
): readonly StatusSection[] {
  const writer = writerOf(topology, observed);
  const rows = instances.map(({ host }) => {
    const member = memberOn(observed, host.name);
    return [host.name, ...columnsOf(member, host.name === writer)];
  });
  return [
    {
      title: 'Galera',
      columns: ['host', 'state', 'component', 'size', 'queue', 'tls', 'role'],
      rows,
    },
  ];
}

function columnsOf(member: Member | undefined, isWriter: boolean): readonly string[] {
  if (!member) return ['unknown', '', '', '', '', ''];
  const role = [isWriter && 'writer', member.maintenance && 'maintenance'].filter(Boolean).join(', ');
  if (!member.answers) return [withoutAnswer(member), '', '', '', '', role];
  const { state, component, size, backlog, tls = '' } = member;
  return [state, component, String(size), String(backlog), tls, role];
}

function withoutAnswer(member: Member): string {
  if (!member.installed) return 'not installed';
  return member.copying ? 'copying' : member.unit;
}
