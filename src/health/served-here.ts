import { type ObservedState, probeOutput } from '../model/observed.ts';
import type { Probe } from '../model/probe.ts';
import { insideAddress, type ResolvedVip } from '../model/topology.ts';

/** On every host: asks what it serves itself. */
export const servedHereProgram = '/usr/lib/mcp/served-here';

/** A page of one that serves a VIP, asked for on its own host. */
export interface AskedPage {
  /** Unique among those of a probe, without blanks. */
  readonly name: string;
  readonly vip: Pick<ResolvedVip, 'routerId' | 'address' | 'hostname' | 'tls'>;
  readonly port: number;
  readonly path: string;
}

/** Asks for all of them at once. `configuration`: the file of who serves them. */
export const servedHereProbe = (name: string, configuration: string, pages: readonly AskedPage[]): Probe => ({
  name,
  deadlineSeconds: 8,
  script: `[ -x ${servedHereProgram} ] || { echo not-installed; exit 0; }
exec python3 -I -S ${servedHereProgram} ${configuration} ${pages.map((page) => `'${wordsOf(page)}'`).join(' ')}
`,
});

const wordsOf = ({ name, vip, port, path }: AskedPage): string =>
  [name, vip.tls ? 'https' : 'http', insideAddress(vip), port, vip.hostname ?? vip.address, path].join(' ');

/** Name of the page → status, undefined without an answer. Undefined: the host did not say, or is not set up for it. */
export function servedHere(
  probe: string,
  host: string,
  observed: ObservedState,
): ReadonlyMap<string, number | undefined> | undefined {
  const output = probeOutput(observed, host, probe)?.trim();
  if (output === undefined || output === '' || output === 'not-installed') return undefined;
  return new Map(
    output.split('\n').map((line) => {
      const [name = '', status = ''] = line.split(' ');
      return [name, /^\d+$/.test(status) ? Number(status) : undefined];
    }),
  );
}
