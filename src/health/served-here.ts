import type { Listener } from '../model/listener.ts';
import { type ObservedState, probeOutput } from '../model/observed.ts';
import type { Probe } from '../model/probe.ts';
import { insideAddress, type ResolvedVip } from '../model/topology.ts';

/** On every host: asks what it serves itself. */
export const servedHereProgram = '/usr/lib/mcp/served-here';

type Page = Pick<Listener, 'name' | 'port' | 'check'>;
type ServedVip = Pick<ResolvedVip, 'name' | 'routerId' | 'address' | 'hostname' | 'tls'>;

/** Asks for a page of each listener on each VIP, all at once. `configuration`: the file of who serves them. */
export function servedHereProbe(
  name: string,
  configuration: string,
  { listeners, vips }: { readonly listeners: readonly Page[]; readonly vips: readonly ServedVip[] },
): readonly Probe[] {
  const pages = listeners.flatMap((listener) => vips.map((vip) => `'${wordsOf(listener, vip)}'`));
  if (pages.length === 0) return [];
  const script = `[ -x ${servedHereProgram} ] || { echo not-installed; exit 0; }
exec python3 -I -S ${servedHereProgram} ${configuration} ${pages.join(' ')}
`;
  return [{ name, deadlineSeconds: 8, script }];
}

/** Tells the answers of a probe apart. */
export const pageName = ({ name }: Pick<Page, 'name'>, vip: Pick<ServedVip, 'name'>): string =>
  `${name}/${vip.name}`;

const wordsOf = (listener: Page, vip: ServedVip): string =>
  [
    pageName(listener, vip),
    vip.tls ? 'https' : 'http',
    insideAddress(vip),
    listener.port,
    vip.hostname ?? vip.address,
    listener.check.path,
  ].join(' ');

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
