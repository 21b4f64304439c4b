import type { LabOf } from './mcp.ts';

/** Seconds until a server left a load balancer's rotation after something was done to it, and until it was back. */
export interface Rotation {
  readonly leftAfter: number;
  readonly backAfter: number;
}

interface Disturbance {
  /** As HAProxy names it: `keystone/ctl02`. */
  readonly server: string;
  /** Whose load balancer is looked at. */
  readonly observer: string;
  /** The host, and the lines of sh that break it and mend it there. */
  readonly host: string;
  readonly disturb: string;
  readonly mend: string;
  /** How long it stays broken. */
  readonly seconds: number;
}

/** Shell that prints what HAProxy knows of its servers. Usually socat leaves half a second after the question, answered or not. */
export const statistics = "echo 'show stat' | socat -t 10 - /run/haproxy-api/admin.sock";

/** Breaks something on one host and mends it again, while HAProxy on another is asked ten times a second what it thinks. */
export async function rotationDuring(lab: LabOf, disturbance: Disturbance): Promise<Rotation> {
  const { server, observer, host, disturb, mend, seconds } = disturbance;
  const [listener = '', name = ''] = server.split('/');
  // All hosts of a lab have this machine's clock.
  const watching = lab.on(
    observer,
    `end=$(($(date +%s) + ${seconds + 45})); last=; while [ "$(date +%s)" -lt "$end" ]; do
       now=$(${statistics} | awk -F, '$1 == "${listener}" && $2 == "${name}" { print $18 }')
       [ "$now" = "$last" ] || { echo "$(date +%s.%N) $now"; last=$now; }
       sleep 0.1; done`,
  );
  const times = await lab.on(
    host,
    `sleep 5; date +%s.%N; ${disturb}; sleep ${seconds}; date +%s.%N; ${mend}`,
  );
  const [brokenAt = 0, mendedAt = 0] = times.split('\n').map(Number);
  const seen = (await watching).split('\n').map((line) => {
    const [at, ...state] = line.split(' ');
    return { at: Number(at), isUp: state.join(' ').startsWith('UP') };
  });
  const left = seen.find(({ at, isUp }) => at > brokenAt && !isUp)?.at ?? Number.POSITIVE_INFINITY;
  const back = seen.find(({ at, isUp }) => at > Math.max(left, mendedAt) && isUp)?.at;
  return { leftAfter: left - brokenAt, backAfter: (back ?? Number.POSITIVE_INFINITY) - mendedAt };
}
