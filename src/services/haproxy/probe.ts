import type { Probe } from '../../model/probe.ts';
import { adminSocketOf, type Balancer } from './balancers.ts';

// Of the statistics: backends and servers (2 + 4) of all proxies.
const questions = ['show stat -1 6 -1', 'show peers'];

/** The name of the probe that asks a balancer for everything it knows. */
export const probeOf = ({ name }: Balancer): string => `haproxy.${name}`;

/** Asks a balancer over its admin socket; each answer stands below a line `### QUESTION`. */
export const balancerProbe = (balancer: Balancer, tables: readonly string[]): Probe => ({
  name: probeOf(balancer),
  deadlineSeconds: 5,
  script: `command -v socat >/dev/null || { echo not-installed; exit 0; }
[ -S ${adminSocketOf(balancer)} ] || { echo not-running; exit 0; }
ask() { echo "### $1"; echo "$1" | socat -t 2 - UNIX-CONNECT:${adminSocketOf(balancer)} 2>/dev/null; }
${[...questions, ...tables.map((table) => `show table ${table}`)].map((question) => `ask '${question}'`).join('\n')}
exit 0
`,
});
