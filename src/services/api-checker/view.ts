import { askForPage, bodyOf } from '../../health/index.ts';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { localPatienceSeconds, type Probe } from '../../model/probe.ts';
import { type CheckerInstance, checkerAddress, files } from './names.ts';

const probeName = 'api-checker.own';

/** What the checker of a host finds: `keystone well 0.31 in well`. */
export const checkerProbe = ({ host, settings: { port } }: CheckerInstance): Probe => ({
  name: probeName,
  deadlineSeconds: 8,
  asks: {
    needs: [{ path: files.config }],
    exchanges: [
      askForPage({
        ...{ address: checkerAddress(host), port, path: '/own', site: 'localhost', tls: false },
        ...{ wants: 'page', seconds: localPatienceSeconds },
      }),
    ],
    told: ([answer]) => (answer && bodyOf(answer)) ?? '',
  },
});

/** One API as the checker beside it sees it. */
export interface CheckedApi {
  readonly name: string;
  readonly state: 'well' | 'unwell' | 'unknown';
  /** Whether the load balancers are told that it can work. */
  readonly isOffered: boolean;
  readonly why: string;
}

/** What the checker on `host` finds; undefined when it does not answer. */
export function checkedOn(host: string, observed: ObservedState): readonly CheckedApi[] | undefined {
  const output = probeOutput(observed, host, probeName);
  if (output === undefined) return undefined;
  const found = [...output.matchAll(/^(\S+) (well|unwell|unknown) \S+ (in|out) (.*)$/gm)];
  if (found.length === 0) return undefined;
  return found.map(([, name = '', state, told, why = '']) => ({
    name,
    state: state === 'well' || state === 'unwell' ? state : 'unknown',
    isOffered: told === 'in',
    why: why.trim(),
  }));
}
