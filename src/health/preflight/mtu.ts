import type { Host } from '../../model/host.ts';
import { networkNames } from '../../model/inventory.ts';
import { probeOutput } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import type { HostCheck } from './looked.ts';

/** The MTU of each network's interface, `absent` where there is none: lines `NETWORK INTERFACE MTU`. */
export const mtuProbe = (host: Host): Probe => ({
  name: 'preflight.mtu',
  deadlineSeconds: 2,
  script: networkNames
    .map((network) => {
      const name = quote(host.interfaces[network]);
      return `echo ${network} ${name} "$(cat /sys/class/net/${name}/mtu 2>/dev/null || echo absent)"`;
    })
    .join('\n'),
});

/** One network with two MTUs loses large packets only: a state transfer hangs while everything small works. */
export const mtusAgree = (topology: Topology): HostCheck => ({
  name: 'preflight.mtu',
  service: 'host',
  title: 'each network has its interface on every host, with one MTU',
  probe: 'preflight.mtu',
  judge: (observed) => {
    const rows = topology.hosts.flatMap(({ name }) =>
      parseMtus(name, probeOutput(observed, name, 'preflight.mtu')),
    );
    return rows.flatMap((row) => {
      const usual = usualMtu(rows.filter(({ network }) => network === row.network).map(({ mtu }) => mtu));
      if (row.mtu === 'absent') {
        return [
          finding(
            row,
            `has no interface ${row.interface} for the ${row.network} network`,
            'correct `interface` in the inventory',
          ),
        ];
      }
      return row.mtu === usual
        ? []
        : [
            finding(
              row,
              `${row.interface} has MTU ${row.mtu}, the other hosts of the ${row.network} network ${usual}`,
              'set the same MTU everywhere',
            ),
          ];
    });
  },
});

interface MtuRow {
  readonly host: string;
  readonly network: string;
  readonly interface: string;
  readonly mtu: string;
}

function parseMtus(host: string, output: string | undefined): readonly MtuRow[] {
  return (output ?? '').split('\n').flatMap((line) => {
    const [network, name, mtu] = line.split(' ');
    return network && name && mtu ? [{ host, network, interface: name, mtu }] : [];
  });
}

function usualMtu(values: readonly string[]): string | undefined {
  const present = values.filter((value) => value !== 'absent');
  const count = (wanted: string) => present.filter((value) => value === wanted).length;
  return [...new Set(present)].sort((left, right) => count(right) - count(left))[0];
}

const finding = ({ host }: MtuRow, message: string, hint: string) => ({
  severity: 'red' as const,
  hosts: [host],
  message,
  hint,
});
