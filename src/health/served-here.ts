import type { Listener } from '../model/listener.ts';
import { type ObservedState, probeOutput } from '../model/observed.ts';
import { type Exchange, notInstalled, type Probe, remotePatienceSeconds } from '../model/probe.ts';
import { insideAddress, type ResolvedVip } from '../model/topology.ts';
import { askForPage, statusOf } from './pages.ts';

type Page = Pick<Listener, 'name' | 'port' | 'check'>;
type ServedVip = Pick<ResolvedVip, 'name' | 'routerId' | 'address' | 'hostname' | 'tls'>;

/**
 * Asks for a page of each listener on each VIP where the host itself serves it, whether or not the VIP is there: lines of
 * page and status. `configuration`: the file of who serves them; one that was not told to answer there does not, and is no
 * worse for it.
 */
export function servedHereProbe(
  name: string,
  configuration: string,
  { listeners, vips }: { readonly listeners: readonly Page[]; readonly vips: readonly ServedVip[] },
): readonly Probe[] {
  const asked = listeners.flatMap((listener) => vips.map((vip) => ({ listener, vip })));
  const [first] = asked;
  if (first === undefined) return [];
  return [
    {
      name,
      deadlineSeconds: 8,
      asks: {
        needs: [{ path: configuration, holds: `${insideAddress(first.vip)}:` }],
        exchanges: asked.map(({ listener, vip }) => askAsClient(listener, vip, insideAddress(vip))),
        told: (answers) =>
          asked
            .map(({ listener, vip }, index) => {
              const answer = answers[index];
              return `${pageName(listener, vip)} ${(answer && statusOf(answer)) ?? 'none'}\n`;
            })
            .join(''),
      },
    },
  ];
}

/** What a client of a VIP asks, at `address`: the VIP itself, or what a host serves for it. Its status is what counts. */
export const askAsClient = (
  { port, check }: Pick<Listener, 'port' | 'check'>,
  { hostname, address: vipAddress, tls }: Omit<ServedVip, 'name' | 'routerId'>,
  address: string,
): Exchange =>
  askForPage({
    ...{ address, port, path: check.path, site: hostname ?? vipAddress, tls },
    ...{ wants: 'status', seconds: remotePatienceSeconds },
  });

/** Tells the answers of a probe apart. */
export const pageName = ({ name }: Pick<Page, 'name'>, vip: Pick<ServedVip, 'name'>): string =>
  `${name}/${vip.name}`;

/** Name of the page → status, undefined without an answer. Undefined: the host did not say, or is not set up for it. */
export function servedHere(
  probe: string,
  host: string,
  observed: ObservedState,
): ReadonlyMap<string, number | undefined> | undefined {
  const output = probeOutput(observed, host, probe)?.trim();
  if (output === undefined || output === '' || output === notInstalled) return undefined;
  return new Map(
    output.split('\n').map((line) => {
      const [name = '', status = ''] = line.split(' ');
      return [name, /^\d+$/.test(status) ? Number(status) : undefined];
    }),
  );
}
