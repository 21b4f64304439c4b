import type { Check, Finding } from '../../model/check.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Topology } from '../../model/topology.ts';

/** A check that judges each host by itself. */
export interface HostCheck extends Check {
  /** What tells it of a host; absent: what every observation tells. */
  readonly probe?: string;
}

/** What nobody could look at is not well, though nothing was found: neither a host that is silent nor a probe that failed. */
export const judgedWhereLooked =
  ({ hosts }: Topology) =>
  (check: HostCheck): Check => ({
    ...check,
    judge: (observed) => [
      ...check.judge(observed),
      ...unseen(
        hosts.map(({ name }) => name),
        check,
        observed,
      ),
    ],
  });

function unseen(hosts: readonly string[], { probe }: HostCheck, observed: ObservedState): readonly Finding[] {
  const silent = hosts.filter((host) => reachable(observed, host) === undefined);
  const failed = hosts.filter(
    (host) =>
      probe !== undefined && !silent.includes(host) && probeOutput(observed, host, probe) === undefined,
  );
  return [
    ...(silent.length === 0
      ? []
      : [red(silent, 'not looked at: no answer', 'bring the hosts within reach first')]),
    ...(failed.length === 0
      ? []
      : [
          red(
            failed,
            'could not look there: the probe failed, or took too long',
            'see whether the host is busy, and that it has bash, perl and the interfaces of the inventory',
          ),
        ]),
  ];
}

const red = (hosts: readonly string[], message: string, hint: string): Finding => ({
  severity: 'red',
  hosts,
  message,
  hint,
});
