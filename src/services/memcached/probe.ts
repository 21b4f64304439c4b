import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { localPatienceSeconds, type Probe } from '../../model/probe.ts';
import { listenAddress, port, statusProbe } from './layout.ts';

/** Asks the cache for its version and figures, on the address that its clients use. */
export const memcachedProbe = (host: Host): Probe => ({
  name: statusProbe,
  deadlineSeconds: 8,
  asks: {
    needs: [{ path: '/usr/bin/memcached' }],
    exchanges: [
      {
        place: { address: listenAddress(host), port },
        sends: 'version\r\nstats\r\nquit\r\n',
        reads: 'all',
        seconds: localPatienceSeconds,
      },
    ],
    told: ([answer]) => answer?.text ?? '',
  },
});

/** What a cache said of itself. */
export interface Cache {
  readonly installed: boolean;
  /** Undefined when it did not answer. */
  readonly version: string | undefined;
  readonly connections: number;
  readonly bytes: number;
  readonly limitBytes: number;
}

/** What the cache on `host` said; undefined when the host did not answer. */
export function cacheOn(observed: ObservedState, host: string): Cache | undefined {
  const output = probeOutput(observed, host, statusProbe);
  return output === undefined ? undefined : parseCache(output);
}

/** Reads the reply of the probe. */
function parseCache(output: string): Cache {
  const figures = new Map(
    [...output.matchAll(/^STAT (\S+) (\S+)$/gm)].map(([, name = '', value = '']) => [name, Number(value)]),
  );
  return {
    installed: !output.startsWith('not-installed'),
    version: /^VERSION (\S+)$/m.exec(output)?.[1],
    connections: figures.get('curr_connections') ?? 0,
    bytes: figures.get('bytes') ?? 0,
    limitBytes: figures.get('limit_maxbytes') ?? 0,
  };
}
