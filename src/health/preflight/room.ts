import type { Finding } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Room } from '../../model/room.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import type { HostCheck } from './looked.ts';

const probeName = 'preflight.room';

/**
 * What is free where services will keep their data, which may be file systems of their own: lines `FILE-SYSTEM BYTES PATH`,
 * and `looked`. Where a folder is still to be made, it is the one above.
 */
export const roomProbe = (topology: Topology, host: Host): Probe => ({
  name: probeName,
  deadlineSeconds: 5,
  script: `
room_at() {
  there=$1
  while [ ! -d "$there" ]; do there=\${there%/*}; there=\${there:-/}; done
  echo "$(stat -c %d -- "$there") $(($(stat -f -c '%a * %S' -- "$there"))) $1"
}
${roomsOn(host, topology)
  .map(({ path }) => `room_at ${quote(path)}`)
  .join('\n')}
echo looked
`,
});

/** Services that share a file system need the sum of what each of them does. */
export const dataHasRoom = (topology: Topology): HostCheck => ({
  name: 'preflight.room',
  service: 'host',
  title: 'there is room where the data will lie',
  probe: probeName,
  judge: (observed) => topology.hosts.flatMap((host) => judgeHost(host, topology, observed)),
});

function judgeHost(host: Host, topology: Topology, observed: ObservedState): readonly Finding[] {
  const found = (probeOutput(observed, host.name, probeName) ?? '').split('\n').flatMap((line) => {
    const [, system, bytes, path] = /^(\d+) (\d+) (.+)$/.exec(line) ?? [];
    const room = roomsOn(host, topology).find((each) => each.path === path);
    return system === undefined || room === undefined ? [] : [{ system, free: Number(bytes), room }];
  });
  return [...new Set(found.map(({ system }) => system))].flatMap((system) => {
    const same = found.filter((each) => each.system === system);
    const needed = same.reduce((sum, { room }) => sum + room.mebibytes * mebibyte, 0);
    const free = same[0]?.free ?? 0;
    if (free >= needed) return [];
    const reasons = same.map(
      ({ room }) => `${room.path} ${inGibibytes(room.mebibytes * mebibyte)} GiB (${room.reason})`,
    );
    return [
      {
        severity: 'red' as const,
        hosts: [host.name],
        message: `has ${inGibibytes(free)} GiB free where the data will lie, and needs ${inGibibytes(needed)}: ${reasons.join(', ')}`,
        hint: 'make room, or mount a larger file system there',
      },
    ];
  });
}

const roomsOn = ({ name }: Host, { rooms = [] }: Topology): readonly Room[] =>
  rooms.filter(({ host }) => host === name);

const mebibyte = 1024 ** 2;

const inGibibytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1);
