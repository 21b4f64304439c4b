import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { localPatienceSeconds, type Probe } from '../../model/probe.ts';
import { type CheckerInstance, checkerAddress, files } from './names.ts';

const probeName = 'api-checker.own';

/** What the checker of a host finds: `keystone well 0.31 in well`. */
export const checkerProbe = ({ host, settings }: CheckerInstance): Probe => ({
  name: probeName,
  deadlineSeconds: 8,
  script: `[ -r ${files.config} ] || { echo not-installed; exit 0; }
timeout ${localPatienceSeconds} bash <<'PROBE'
exec 2>/dev/null 3<>/dev/tcp/${checkerAddress(host)}/${settings.port} || exit
printf 'GET /own HTTP/1.0\\r\\n\\r\\n' >&3
while IFS= read -r line <&3; do [ "$line" != $'\\r' ] || break; done
IFS= read -r -d '' told <&3
printf '%s' "$told"
PROBE
exit 0
`,
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
