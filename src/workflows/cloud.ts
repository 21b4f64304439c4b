import { fileURLToPath } from 'node:url';
import { type Depth, hostsAtOnce, type Observation, observeHosts } from '../execute/index.ts';
import { shownPath } from '../inventory/index.ts';
import { type Check, type Health, judgeAll } from '../model/check.ts';
import type { DesiredState } from '../model/desired.ts';
import type { LocatedDiagnostic } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Secret } from '../model/secret.ts';
import { checksOf, type Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import { loadTemplates, rendererOf } from '../render/index.ts';
import { services } from '../services/index.ts';
import { createFleet, type OpenFleet } from '../transport/index.ts';
import { describeHosts } from './describe-hosts.ts';
import { noRepository, type Repository } from './repository.ts';

/** One cloud as described: everything that is known before a host is reached. */
export interface Cloud {
  readonly topology: Topology;
  /** What can run in it: what leaves a host is planned from them too. */
  readonly services: readonly Service[];
  readonly desired: DesiredState;
  readonly checks: readonly Check[];
}

/** A cloud with its hosts within reach. */
export interface Session extends AsyncDisposable {
  readonly cloud: Cloud;
  /** Where its inventory lies. */
  readonly repository: Repository;
  readonly connect: Connect;
  /** A connection of its own each time: what proves that a host still lets us in. */
  readonly connectAfresh: Connect;
  /** `state` says whether anything is due; `probes` answers what the checks judge; a plan with changes needs both. */
  observe(depth: Depth, signal?: AbortSignal): Promise<ObservedState>;
  /** Looks at hosts that the inventory does not name, or asks those that it names for more. */
  observeOthers(question: Looked): Promise<ObservedState>;
  /** Brings hosts within reach that the inventory does not name. */
  admit(hosts: readonly Host[]): void;
  /** How it is, without getting in the way of what the hosts do. */
  health(signal?: AbortSignal): Promise<{ readonly observed: ObservedState; readonly health: Health }>;
}

/** Which hosts are looked at, for what. */
type Looked = Pick<Observation, 'desired' | 'hosts' | 'depth'>;

/** What a session may need beside a topology. */
interface Means {
  /** Asked for once, when the first host wants it. */
  readonly sudoPassword?: () => Promise<Secret>;
  readonly repository?: Repository;
}

/** Templates lie beside `src/` and `dist/` alike. */
const templatesDirectory = fileURLToPath(new URL('../../templates', import.meta.url));

/** Every rendered file of a topology. Throws McpError `invalid-template` with all mistakes of overrides at once. */
export async function describeCloud(topology: Topology): Promise<Cloud> {
  const renderer = rendererOf(await loadTemplates(templatesDirectory), topology.inventory.overrides);
  const desired = describeHosts(topology, services, renderer);
  refuseMistaken(renderer.mistakes(topology.hosts));
  return { topology, services, desired, checks: checksOf(services, topology) };
}

function refuseMistaken(mistakes: readonly LocatedDiagnostic[]): void {
  if (mistakes.length === 0) return;
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  throw new McpError('invalid-template', `the overrides have ${count}`, {
    diagnostics: mistakes.map((mistake) => ({ ...mistake, file: shownPath(mistake.file) })),
  });
}

/**
 * Opens the way to the hosts of a topology. They take a while to let us in, and meanwhile their files are rendered.
 * Connections are closed on dispose.
 */
export async function openSession(topology: Topology, means: Means = {}): Promise<Session> {
  const fleet = createFleet(topology.hosts, means);
  fleet.connectAhead(topology.hosts.map(({ name }) => name));
  try {
    return sessionOver(await describeCloud(topology), fleet, means.repository);
  } catch (mistake) {
    await fleet[Symbol.asyncDispose]();
    throw mistake;
  }
}

/** A session over connections that somebody else decides about. */
export function sessionOver(cloud: Cloud, fleet: OpenFleet, repository: Repository = noRepository): Session {
  const { topology, desired, checks } = cloud;
  const hosts = topology.hosts.map(({ name }) => name);
  const look = (question: Looked, effort: 'usual' | 'low', signal?: AbortSignal) =>
    observeHosts({
      ...question,
      connect: fleet.connect,
      effort,
      atOnce: hostsAtOnce(topology),
      now: Date.now,
      ...(signal ? { signal } : {}),
    });
  return {
    cloud,
    repository,
    connect: fleet.connect,
    connectAfresh: fleet.connectAfresh,
    observe: (depth, signal) => look({ desired, hosts, depth }, 'usual', signal),
    observeOthers: (question) => look(question, 'usual'),
    admit: fleet.admit,
    async health(signal) {
      const observed = await look({ desired, hosts, depth: 'probes' }, 'low', signal);
      return { observed, health: judgeAll(checks, observed) };
    },
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}
