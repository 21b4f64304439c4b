import type { LabOf } from './mcp.ts';

/** What was started on a host while packages were installed there, by whoever. */
export interface FirstStarts {
  /** From when to when packages were installed, one a step, in seconds since 1970. */
  readonly installations: readonly (readonly [number, number])[];
  /** When each unit was started for the first time, in seconds since 1970. */
  readonly started: ReadonlyMap<string, number>;
}

/** Reads both from the host: from the journals of its runs, and from what its systemd has noted. */
export async function firstStartsOn(lab: LabOf, host: string): Promise<FirstStarts> {
  const lines = (await lab.on(host, program)).split('\n').map((line) => line.split(' '));
  const started = new Map<string, number>();
  for (const [kind, time, unit = ''] of lines)
    if (kind === 'started' && !started.has(unit)) started.set(unit, Number(time));
  return {
    installations: lines
      .filter(([kind]) => kind === 'installed')
      .map(([, from, until]) => [Number(from), Number(until)] as const),
    started,
  };
}

/** Units whose first start was while packages were installed: nobody but a script of those has started them. */
export const startedByScripts = ({ installations, started }: FirstStarts): readonly string[] =>
  [...started]
    .filter(([, at]) => installations.some(([from, until]) => at >= from && at <= until))
    .map(([unit]) => unit);

/**
 * systemd says "Started UNIT" in a message of a kind of its own. Steps of ours, whatever logs in and what is called over
 * D-Bus is nobody's daemon.
 */
const program = `
awk '$2 == "started" && $4 == "install" { at[$3] = $1 } $2 == "ended" && ($4 in at) { print at[$4], $1 }' \
  /var/lib/mcp/runs/*/journal | while read -r from until; do
  echo "installed $(date -d "$from" +%s.%3N) $(date -d "$until" +%s.%3N)"
done
journalctl --quiet --output short-unix _PID=1 MESSAGE_ID=39f53479d3a045ac8e11786248231fbf |
  sed -n 's/^\\([0-9.]*\\) .*: Started \\([^ ]*\\.service\\).*/started \\1 \\2/p' |
  grep -vE ' (mcp-[0-9]|user@|user-|getty|serial-getty|systemd-|dbus)' || true
`;
