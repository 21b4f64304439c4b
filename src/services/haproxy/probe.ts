import type { Probe } from '../../model/probe.ts';
import { adminSocketOf, type Balancer } from './balancers.ts';

// Of the statistics: backends and servers (2 + 4) of all proxies.
const questions = ['show stat -1 6 -1', 'show peers'];

/** The name of the probe that asks a balancer for everything it knows. */
export const probeOf = ({ name }: Balancer): string => `haproxy.${name}`;

/**
 * Asks a balancer over its admin socket, everything in one connection; each answer stands below a line `### QUESTION`.
 * HAProxy ends each answer with a blank line and writes none within.
 */
export const balancerProbe = (balancer: Balancer, tables: readonly string[]): Probe => {
  const asked = [...questions, ...tables.map((table) => `show table ${table}`)];
  return {
    name: probeOf(balancer),
    deadlineSeconds: 5,
    script: `[ -x /usr/bin/socat ] || { echo not-installed; exit 0; }
[ -S ${adminSocketOf(balancer)} ] || { echo not-running; exit 0; }
set -- ${asked.map((question) => `'${question}'`).join(' ')}
echo '${asked.join(';')}' | timeout 3 socat -t 2 - UNIX-CONNECT:${adminSocketOf(balancer)} 2>/dev/null |
while IFS= read -r line; do
  [ -z "$heading" ] && [ $# -gt 0 ] && { heading="### $1"; echo "$heading"; shift; }
  [ -n "$line" ] || heading=
  printf '%s\\n' "$line"
done
exit 0
`,
  };
};
