import { observeHosts } from '../../src/execute/index.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import type { Probe, ProbeReply } from '../../src/model/probe.ts';
import { type LocalHost, localHost } from './local-host.ts';

/** What these probes reply on this machine, in one look at it. */
export async function askedHere(...probes: readonly Probe[]): Promise<ReadonlyMap<string, ProbeReply>> {
  await using host = localHost();
  return await askedOn(host, probes);
}

/** The same, with a line in `log` for each start of one of these programs. */
export async function askedWith(
  programs: readonly string[],
  log: string,
  probes: readonly Probe[],
): Promise<ReadonlyMap<string, ProbeReply>> {
  await using host = localHost();
  for (const name of programs)
    host.program(name, `#!/bin/sh\necho ${name} >>${log}\nexec /usr/bin/${name} "$@"\n`);
  return await askedOn(host, probes);
}

async function askedOn(host: LocalHost, probes: readonly Probe[]): Promise<ReadonlyMap<string, ProbeReply>> {
  const observed = await observeHosts({
    ...{ desired: withProbes(probes), connect: host.fleet.connect, hosts: ['ctl01'], depth: 'probes' },
    ...{ now: Date.now, paths: host.paths },
  });
  const found = observed.hosts.get('ctl01');
  if (found?.kind !== 'reachable') throw found?.failure ?? new Error('this machine was not asked');
  return found.probes;
}

function withProbes(probes: readonly Probe[]): DesiredState {
  const service = { service: 'alpha', resources: [], validators: [], data: [], probes };
  return { hosts: new Map([['ctl01', { host: 'ctl01', services: [service] }]]) };
}
