import { certificatesCheck } from '../health/index.ts';
import { type Health, judgeAll, type StatusSection } from '../model/check.ts';
import type { ObservedState } from '../model/observed.ts';
import { instancesOf } from '../model/topology.ts';
import { services } from '../services/index.ts';
import type { Session } from './cloud.ts';

/** What `mcp status` shows: tables by service, the checks' verdicts, and the certificates. */
export interface Status {
  readonly cloud: string;
  readonly sections: readonly StatusSection[];
  readonly health: Health;
}

/** Observes and judges; changes nothing. */
export async function cloudStatus(session: Session): Promise<Status> {
  const { topology, checks } = session.cloud;
  const observed = await session.observe('probes');
  return {
    cloud: topology.cloud,
    sections: [...sectionsOf(session, observed), certificatesSection(session)],
    health: judgeAll([...checks, certificatesCheck(topology.certificates, Date.now())], observed),
  };
}

function sectionsOf(session: Session, observed: ObservedState): readonly StatusSection[] {
  const { topology } = session.cloud;
  return services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    return service.status?.(instances, topology, observed) ?? [];
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
