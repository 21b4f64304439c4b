import { certificatesCheck, deployedCheck, isBeforeFirstDeploy, membershipCheck } from '../health/index.ts';
import { type SortedFindings, sortByCause } from '../model/cause.ts';
import {
  type Check,
  type Finding,
  foundIn,
  type Health,
  judgeAll,
  type StatusSection,
} from '../model/check.ts';
import { type Membership, maintenanceAsText, restingIn } from '../model/membership.ts';
import type { ObservedState } from '../model/observed.ts';
import { carriedBy } from '../model/service.ts';
import { staged, stagedChecks } from '../model/stage.ts';
import { instancesOf, type Topology } from '../model/topology.ts';
import { services } from '../services/index.ts';
import type { Session } from './cloud.ts';
import { type Looking, observeParticipants } from './participants.ts';

/** What `mcp status` shows: tables by service, the checks' verdicts, and the certificates. */
export interface Status {
  readonly cloud: string;
  readonly sections: readonly ServiceSection[];
  readonly health: Health;
  /** The findings once more, by what they come of. */
  readonly sorted: SortedFindings;
}

/** A table, and the service that it is about. */
interface ServiceSection extends StatusSection {
  readonly service: string;
}

/** Observes and judges; changes nothing. Hosts in maintenance are told of, and not judged but for what they carry. */
export async function cloudStatus(session: Looking): Promise<Status> {
  const { topology } = session.cloud;
  const { observed, ...known } = await observeParticipants(session, 'probes');
  const certificates = certificatesCheck(topology.certificates, Date.now());
  const isNew = isBeforeFirstDeploy(observed);
  const all = [...checksFor(topology, known.recorded), membershipCheck(known, topology)];
  const checks = isNew ? all.filter(tellsOfHosts(observed)) : all;
  const health = judgeAll([deployedCheck, ...checks, certificates], observed);
  const sorted = sortByCause(foundIn(health), {
    services,
    topology: staged(topology, isThere(known.recorded)),
    observed,
  });
  return {
    cloud: topology.cloud,
    sections: [
      ...(isNew ? [] : sectionsOf(session, observed)),
      ...certificatesSections(session).map((section) => ({ ...section, service: certificates.service })),
    ],
    health,
    sorted: isNew ? withoutCapacity(sorted) : sorted,
  };
}

/** Before the first deploy nothing is left without a host, since nothing was there with it. */
const withoutCapacity = ({ causes, others }: SortedFindings): SortedFindings => ({
  causes: causes.map((cause) => ({ ...cause, capacity: [] })),
  others,
});

/** A check that finds a host missing as a whole. */
const tellsOfHosts =
  (observed: ObservedState) =>
  (check: Check): boolean =>
    check.judge(observed).some(({ outage }) => outage === 'host');

/** What `status` says of certificates, for what looks at nothing else. */
export const certificateFindings = ({ cloud: { topology } }: Pick<Session, 'cloud'>): readonly Finding[] =>
  certificatesCheck(topology.certificates, Date.now()).judge({ hosts: new Map() });

const isThere = (recorded: Membership | undefined) => {
  const resting = restingIn(recorded);
  return (_service: string, host: string): boolean => !resting.has(host);
};

/** Without what follows from a host's maintenance. */
export const checksFor = (topology: Topology, recorded: Membership | undefined): readonly Check[] => [
  ...stagedChecks(services, topology, isThere(recorded)),
  ...(restingIn(recorded).size === 0 ? [] : [maintenanceCheck(topology, recorded)]),
];

const maintenanceCheck = (topology: Topology, recorded: Membership | undefined): Check => ({
  name: 'cloud.maintenance',
  service: 'maintenance',
  title: 'hosts in maintenance carry nothing',
  judge: (observed) =>
    [...restingIn(recorded)].flatMap(([host, maintenance]) => [
      { severity: 'warning', hosts: [host], message: maintenanceAsText(maintenance) },
      ...carriedBy(host, services, topology, observed).map((what) => ({
        severity: 'red' as const,
        hosts: [host],
        message: `is in maintenance and ${what}`,
        hint: `Run mcp maintenance enter ${host} again.`,
      })),
    ]),
});

function sectionsOf(session: Looking, observed: ObservedState): readonly ServiceSection[] {
  const { topology } = session.cloud;
  return services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    const sections = service.status?.(instances, topology, observed) ?? [];
    return sections.map((section) => ({ ...section, service: service.name }));
  });
}

/** A table of the VIPs', one of the hosts' where they have any, and one of those who signed. */
function certificatesSections(session: Looking): readonly StatusSection[] {
  const { vips, hosts, issuers } = session.cloud.topology.certificates;
  const ofHosts = certificateTable('Certificates of hosts', 'host', Object.entries(hosts));
  const ofIssuers = certificateTable(
    'Authorities',
    'authority',
    issuers.map((issuer) => [issuer.name, issuer] as const),
  );
  return [
    certificateTable('Certificates', 'VIP', Object.entries(vips)),
    ...[ofHosts, ofIssuers].filter(({ rows }) => rows.length > 0),
  ];
}

const certificateTable = (
  title: string,
  owner: string,
  owned: readonly (readonly [string, { readonly notAfter: number }])[],
): StatusSection => ({
  title,
  columns: [owner, 'valid until', 'days left'],
  rows: owned.map(([name, { notAfter }]) => [
    name,
    new Date(notAfter).toISOString().slice(0, 10),
    String(Math.floor((notAfter - Date.now()) / 86_400_000)),
  ]),
});
