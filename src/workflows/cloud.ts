import { fileURLToPath } from 'node:url';
import { observeHosts } from '../execute/index.ts';
import { type Check, type Health, judgeAll } from '../model/check.ts';
import type { DesiredState } from '../model/desired.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Secret } from '../model/secret.ts';
import { checksOf } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import { applyOverrides, loadTemplates, renderFor } from '../render/index.ts';
import { services } from '../services/index.ts';
import { createFleet } from '../transport/index.ts';
import { describeHosts } from './describe-hosts.ts';
import { loadTopology } from './load.ts';

/** One cloud as described: everything that is known before a host is reached. */
export interface Cloud {
  readonly topology: Topology;
  readonly desired: DesiredState;
  readonly checks: readonly Check[];
}

/** A cloud with its hosts within reach. */
export interface Session extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly connect: Connect;
  /** A connection of its own each time: what proves that a host still lets us in. */
  readonly connectAfresh: Connect;
  /** `everything` for a plan; `probes` answers what the checks judge, and is quicker. */
  observe(depth: 'everything' | 'probes', signal?: AbortSignal): Promise<ObservedState>;
  health(signal?: AbortSignal): Promise<{ readonly observed: ObservedState; readonly health: Health }>;
}

/** What logging in may need of the operator. */
export interface WaysIn {
  /** Asked for once, when the first host wants it. */
  readonly sudoPassword?: () => Promise<Secret>;
}

/** Templates lie beside `src/` and `dist/` alike. */
const templatesDirectory = fileURLToPath(new URL('../../templates', import.meta.url));

/** Inventory, topology and every rendered file. Throws McpError with all of the operator's mistakes at once. */
export async function describeCloud(inventoryFile: string): Promise<Cloud> {
  const { topology } = await loadTopology(inventoryFile);
  const templates = await loadTemplates(templatesDirectory);
  const { overrides } = topology.inventory;
  const desired = describeHosts(topology, services, {
    renderOn: (host) => renderFor(templates, overrides, host),
    overrideOn: (host, resources) => applyOverrides(resources, overrides, host),
  });
  return { topology, desired, checks: checksOf(services, topology) };
}

/** Opens the way to the hosts; connections are made when they are first needed and closed on dispose. */
export function openSession(cloud: Cloud, ways: WaysIn = {}): Session {
  const { topology, desired, checks } = cloud;
  const fleet = createFleet(topology.hosts, ways);
  const observe: Session['observe'] = (depth, signal) =>
    observeHosts({
      desired,
      connect: fleet.connect,
      hosts: topology.hosts.map(({ name }) => name),
      depth,
      now: Date.now,
      ...(signal ? { signal } : {}),
    });
  return {
    cloud,
    connect: fleet.connect,
    connectAfresh: fleet.connectAfresh,
    observe,
    async health(signal) {
      const observed = await observe('probes', signal);
      return { observed, health: judgeAll(checks, observed) };
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}
