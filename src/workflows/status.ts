import { certificatesCheck, membershipCheck } from '../health/index.ts';
import { type SortedFindings, sortByCause } from '../model/cause.ts';
import { type Check, foundIn, type Health, judgeAll, type StatusSection } from '../model/check.ts';
import { type Membership, maintenanceAsText, restingIn } from '../model/membership.ts';
import type { ObservedState } from '../model/observed.ts';
import { carriedBy } from '../model/service.ts';
import { staged, stagedChecks } from '../model/stage.ts';
import { instancesOf, type Topology } from '../model/topology.ts';
import { services } from '../services/index.ts';
import type { Session } from './cloud.ts';
import { observeParticipants } from './participants.ts';

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
export async function cloudStatus(session: Session): Promise<Status> {
  const { topology } = session.cloud;
  const { observed, ...known } = await observeParticipants(session, 'probes');
  const certificates = certificatesCheck(topology.certificates, Date.now());
  const checks = checksFor(topology, known.recorded);
  const health = judgeAll([...checks, membershipCheck(known, topology), certificates], observed);
  return {
    cloud: topology.cloud,
    sections: [
      ...sectionsOf(session, observed),
      { ...certificatesSection(session), service: certificates.service },
    ],
    health,
    sorted: sortByCause(foundIn(health), {
      services,
      topology: staged(topology, isThere(known.recorded)),
      observed,
    }),
  };
}

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

function sectionsOf(session: Session, observed: ObservedState): readonly ServiceSection[] {
  const { topology } = session.cloud;
  return services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    const sections = service.status?.(instances, topology, observed) ?? [];
    return sections.map((section) => ({ ...section, service: service.name }));
  });
}

function certificatesSection(session: Session): StatusSection {
  const { vips } = session.cloud.topology.certificates;
  return {
    title: 'Certificates',
    columns: ['VIP', 'valid until', 'days left'],
    rows: Object.entries(vips).map(([vip, { notAfter }]) => [
      vip,
      new Date(notAfter).toISOString().slice(0, 10),
      String(Math.floor((notAfter - Date.now()) / 86_400_000)),
    ]),
  };
}
