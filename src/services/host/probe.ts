import type { Probe } from '../../model/probe.ts';

/** What chrony follows on a host, as `chronyc -c tracking` prints it. */
export const clockProbe: Probe = {
  name: 'host.clock',
  deadlineSeconds: 3,
  script: `command -v chronyc >/dev/null || { echo not-installed; exit 0; }
chronyc -c tracking 2>/dev/null || echo not-running
exit 0
`,
};

export interface Tracking {
  /** What it follows: a name or address, `127.127.1.1` for its own clock. */
  readonly source: string;
  readonly stratum: number;
  readonly offsetMilliseconds: number;
  readonly synchronised: boolean;
}

/** Reads the probe; undefined while chrony does not run. */
export function parseTracking(output: string): Tracking | undefined {
  const cells = output.trim().split(',');
  if (cells.length < 14) return undefined;
  const [, source = '', stratum = '', , offset = ''] = cells;
  return {
    source,
    stratum: Number(stratum),
    offsetMilliseconds: Number(offset) * 1000,
    synchronised: cells.at(-1) !== 'Not synchronised',
  };
}
