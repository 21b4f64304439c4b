import type { ObservedState } from './observed.ts';

/**
 * A pure judge over what was observed on the whole cluster. The same checks serve the gates of a deploy,
 * `mcp status` and the drill.
 */
export interface Check {
  /** `galera.complete`: unique. */
  readonly name: string;
  readonly service: string;
  /** What is true when it finds nothing: "every member is Synced in one Primary component". */
  readonly title: string;
  judge(observed: ObservedState): readonly Finding[];
}

/** Something that is not as it should be. */
export interface Finding {
  /** `red` closes gates and makes the verdict degraded; `warning` is shown only. */
  readonly severity: 'red' | 'warning';
  /** The hosts it blames; empty: the cluster as a whole. */
  readonly hosts: readonly string[];
  /** The service behind it, where that is another than the check's: a load balancer misses a server that is still to be deployed. */
  readonly service?: string;
  readonly message: string;
  readonly hint?: string;
  /**
   * Something is out, and other findings may follow from that: a host that does not answer (the one that is blamed), or
   * the service, which serves nobody.
   */
  readonly outage?: 'host' | 'service';
}

/** A finding, and whose check found it. */
export interface Found {
  readonly check: Pick<Check, 'name' | 'service'>;
  readonly finding: Finding;
}

/** What `mcp status` shows of a service: a small table. */
export interface StatusSection {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The whole cluster's health. */
export interface Health {
  readonly healthy: boolean;
  readonly results: readonly {
    readonly check: string;
    readonly service: string;
    readonly title: string;
    readonly findings: readonly Finding[];
  }[];
}

/** The service that it is about. */
export const concerned = ({ check, finding }: Found): string => finding.service ?? check.service;

/** Services that nobody is served by. */
export const servicesOut = (found: readonly Found[]): ReadonlySet<string> =>
  new Set(found.filter(({ finding }) => finding.outage === 'service').map(concerned));

/** All that the checks find. */
export const findAll = (checks: readonly Check[], observed: ObservedState): readonly Found[] =>
  checks.flatMap((check) => check.judge(observed).map((finding) => ({ check, finding })));

/** What was found that must not be so. */
export const isRed = ({ finding }: Found): boolean => finding.severity === 'red';

/** All that a judgement says. */
export const foundIn = ({ results }: Pick<Health, 'results'>): readonly Found[] =>
  results.flatMap(({ check, service, findings }) =>
    findings.map((finding) => ({ check: { name: check, service }, finding })),
  );

export function judgeAll(checks: readonly Check[], observed: ObservedState): Health {
  const results = checks.map((check) => ({
    check: check.name,
    service: check.service,
    title: check.title,
    findings: check.judge(observed),
  }));
  const healthy = results.every(({ findings }) => findings.every(({ severity }) => severity !== 'red'));
  return { healthy, results };
}

/** Hosts that a check of who answers has found silent. */
export const silentIn = ({ results }: Health): readonly string[] => [
  ...new Set(
    results
      .filter(({ check }) => check.endsWith('.reachable'))
      .flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'red'))
      .flatMap(({ hosts }) => hosts),
  ),
];
