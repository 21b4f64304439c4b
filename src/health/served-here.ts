import type { Listener } from '../model/listener.ts';
import { type ObservedState, probeOutput } from '../model/observed.ts';
import type { Probe } from '../model/probe.ts';
import { insideAddress, type ResolvedVip } from '../model/topology.ts';
import { quote } from '../model/transport.ts';

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
  const questions = listeners.flatMap((listener) =>
    vips.map((vip) => ({ name: pageName(listener, vip), listener, vip, address: insideAddress(vip) })),
  );
  if (questions.length === 0) return [];
  const script = `[ -x ${servedHereProgram} ] || { echo not-installed; exit 0; }
exec ${askForPages(configuration, questions)}
`;
  return [{ name, deadlineSeconds: 8, script }];
}

interface PageQuestion {
  /** What stands before the status in its line, without blanks. */
  readonly name: string;
  readonly listener: Pick<Page, 'port' | 'check'>;
  readonly vip: Omit<ServedVip, 'name' | 'routerId'>;
  /** Where it is asked: of the VIP itself, or of what this host serves for it. */
  readonly address: string;
}

/**
 * One process that asks for all of them at once and prints a line each, `NAME STATUS`, or `NAME none`. `configuration`: the
 * file of who serves, in which the first address stands.
 */
export const askForPages = (configuration: string, questions: readonly PageQuestion[]): string =>
  ['python3 -I -S', servedHereProgram, configuration, ...questions.map((each) => quote(wordsOf(each)))].join(
    ' ',
  );

/** Tells the answers of a probe apart. */
export const pageName = ({ name }: Pick<Page, 'name'>, vip: Pick<ServedVip, 'name'>): string =>
  `${name}/${vip.name}`;

const wordsOf = ({ name, listener, vip, address }: PageQuestion): string =>
  [
    name,
    vip.tls ? 'https' : 'http',
    address,
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
