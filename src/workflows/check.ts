import { hostsAtOnce, observeHosts } from '../execute/index.ts';
import { preflightChecks, preflightProbes } from '../health/index.ts';
import { type Health, judgeAll } from '../model/check.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Session } from './cloud.ts';

/** Looks at the machines as they are, before or after a deploy. Changes nothing. */
export async function checkCloud(session: Session): Promise<Health> {
  const { topology } = session.cloud;
  const observed = await observeHosts({
    desired: preflightOnly(session),
    connect: session.connect,
    hosts: topology.hosts.map(({ name }) => name),
    depth: 'probes',
    atOnce: hostsAtOnce(topology),
    now: Date.now,
  });
  return judgeAll(preflightChecks(topology), observed);
}

/** An observation that asks the preflight probes and nothing of the services. */
function preflightOnly({ cloud: { topology } }: Session): DesiredState {
  const hosts = topology.hosts.map((host) => ({
    host: host.name,
    services: [
      {
        service: 'preflight',
        resources: [],
        validators: [],
        probes: preflightProbes(topology, host),
        data: [],
      },
    ],
  }));
  return { hosts: new Map(hosts.map((desired) => [desired.host, desired])) };
}
