import type { NetworkName, Role } from '../../model/inventory.ts';
import type { Beginning } from './beginning.ts';

/** A host of a layout, or a physical machine with the hosts on it. */
export interface DraftHost {
  readonly name: string;
  readonly roles: readonly Role[];
}

export interface DraftMachine {
  readonly name: string;
  readonly rack: string;
  readonly hosts: readonly DraftHost[];
}

/** Who carries what. A machine with one host of its own name is that host. */
export const machinesOf = (count: Beginning['machines']): readonly DraftMachine[] => layouts[count];

/** The networks beside management in which a host with these roles needs an address. */
export const networksBeside = (roles: readonly Role[]): readonly NetworkName[] => [
  'internal',
  ...(roles.includes('proxy') ? (['public'] as const) : []),
  ...(roles.includes('database') || roles.includes('messaging') ? (['replication'] as const) : []),
];

const racks = ['a', 'b', 'c'] as const;

/** A machine in each rack, one after the other. */
const standing = (hosts: readonly DraftHost[]): readonly DraftMachine[] =>
  hosts.map((host, index) => ({
    name: host.name,
    rack: racks[index % racks.length] ?? racks[0],
    hosts: [host],
  }));

const numbered = (stem: string, count: number, ...roles: readonly Role[]): readonly DraftHost[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${stem}0${index + 1}`, roles }));

/** Each machine of the reference architecture carries a member of everything; the second and third a proxy, too. */
const virtual = racks.map((rack, index): DraftMachine => {
  const member = index + 1;
  return {
    name: `kvm0${member}`,
    rack,
    hosts: [
      { name: `ctl0${member}`, roles: ['control'] },
      { name: `dbs0${member}`, roles: ['database'] },
      { name: `msg0${member}`, roles: ['messaging'] },
      ...(index === 0 ? [] : [{ name: `prx0${index}`, roles: ['proxy'] as const }]),
    ],
  };
});

const layouts: Readonly<Record<Beginning['machines'], readonly DraftMachine[]>> = {
  3: standing(numbered('node', 3, 'control', 'database', 'messaging', 'proxy')),
  5: standing([...numbered('ctl', 3, 'control', 'database', 'messaging'), ...numbered('prx', 2, 'proxy')]),
  11: virtual,
};
