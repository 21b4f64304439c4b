import { certificatesCheck, membershipCheck } from '../health/index.ts';
import { type SortedFindings, sortByCause } from '../model/cause.ts';
import { foundIn, type Health, judgeAll, type StatusSection } from '../model/check.ts';
import type { ObservedState } from '../model/observed.ts';
import { instancesOf } from '../model/topology.ts';
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

/** Observes and judges; changes nothing. */
export async function cloudStatus(session: Session): Promise<Status> {
  const { topology, checks } = session.cloud;
  const { observed, ...known } = await observeParticipants(session, 'probes');
  const certificates = certificatesCheck(topology.certificates, Date.now());
  const health = judgeAll([...checks, membershipCheck(known, topology), certificates], observed);
  return {
    cloud: topology.cloud,
    sections: [
      ...sectionsOf(session, observed),
      { ...certificatesSection(session), service: certificates.service },
    ],
    health,
    sorted: sortByCause(foundIn(health), { services, topology, observed }),
  };
}

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
