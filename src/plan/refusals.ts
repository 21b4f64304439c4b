import type { FailureCode, McpError } from '../model/failure.ts';
import { hostFormat, reachable } from '../model/observed.ts';
import type { Batch, Refusal } from '../model/plan.ts';
import { departureRefusals } from './departure-refusals.ts';
import type { Departures } from './departures.ts';
import { identityRefusals } from './identity-refusals.ts';
import { olderRefusals } from './older-refusals.ts';
import { outageRefusals } from './outage-refusals.ts';
import { type PlanRequest, restingHosts } from './plan-request.ts';
import { membersNeeded, quorumRefusals } from './quorum.ts';
import type { ServiceChange } from './service-change.ts';
import { obstacleRefusals, shutOut } from './ways.ts';

interface Drafted {
  readonly changes: readonly ServiceChange[];
  readonly batches: readonly Batch[];
  readonly departures: Departures;
  /** Hosts that are acted on. */
  readonly targets: ReadonlySet<string>;
}

/** Why this plan must not be carried out, each reason with what to do. Empty: it may. */
export function refusalsOf(request: PlanRequest, drafted: Drafted): readonly Refusal[] {
  const { changes, batches, departures, targets } = drafted;
  const resting = restingHosts(request);
  const wanted = request.limit ?? request.topology.hosts.map(({ name }) => name);
  return [
    ...wanted.filter((host) => !resting.has(host)).flatMap((host) => hostRefusals(host, request)),
    ...outageRefusals(request),
    ...identityRefusals(departures, request),
    ...departureRefusals(departures, request),
    ...(request.overwriteDrift ? [] : driftRefusals(changes)),
    ...olderRefusals(request, batches),
    ...(batches.length === 0 ? [] : changes.flatMap(withheldLogins)),
    ...changes.flatMap((change) => shutOut(change, request, targets)),
    ...changes.flatMap((change) => obstacleRefusals(change, request, targets)),
    ...changes.flatMap((change) => missingMembers(change, request)),
    ...changes.flatMap((change) => missingBootstrap(change, request)),
    ...changes.flatMap((change) => quorumRefusals(change, batches, request)),
  ];
}

function hostRefusals(host: string, request: PlanRequest): readonly Refusal[] {
  const { observed, topology, allowUnreachable = [] } = request;
  const now = reachable(observed, host);
  if (!now) return allowUnreachable.includes(host) ? [] : [unreachable(host, request)];
  if (now.format !== undefined && now.format > hostFormat) return [newerFormat(host, now.format)];
  if (now.cloud !== undefined && now.cloud !== topology.cloud)
    return [foreign(host, now.cloud, topology.cloud)];
  return [];
}

function unreachable(host: string, { observed }: PlanRequest): Refusal {
  const observation = observed.hosts.get(host);
  const failure = observation?.kind === 'unreachable' ? observation.failure : undefined;
  return {
    kind: 'unreachable',
    host,
    message: failure?.message ?? `${host} was not observed`,
    hint: wayOn(host, failure),
  };
}

function wayOn(host: string, failure: McpError | undefined): string {
  const without = `to go on without it where no quorum needs it, add --allow-unreachable ${host}`;
  const mend = failure?.details.hint;
  if (failure === undefined || mend === undefined) return without;
  return mendedHere.has(failure.code) ? mend : `${mend}; ${without}`;
}

/** The machine is up and it is this side's settings that keep us out: to go on without it would be the wrong way out. */
const mendedHere: ReadonlySet<FailureCode> = new Set(['host-key-unknown', 'login-refused', 'sudo-refused']);

const newerFormat = (host: string, format: number): Refusal => ({
  kind: 'newer-format',
  host,
  message: `${host} was deployed by a newer mcp: its state has format ${format}, this one knows ${hostFormat}`,
  hint: 'use that newer version of mcp',
});

const foreign = (host: string, theirs: string, ours: string): Refusal => ({
  kind: 'foreign-host',
  host,
  message: `${host} belongs to the cloud ${theirs}, and this inventory describes ${ours}`,
  hint: `correct the address of ${host}, or remove /var/lib/mcp on it if it is to change hands`,
});

/** One a host: which of its files were edited by someone else. */
function driftRefusals(changes: readonly ServiceChange[]): readonly Refusal[] {
  const edited = changes.flatMap(({ files }) => files.filter((file) => file.edited));
  return [...new Set(edited.map(({ host }) => host))].map((host) => ({
    kind: 'drift',
    host,
    message: `edited by someone else on ${host}: ${edited
      .filter((file) => file.host === host)
      .map(({ path }) => path)
      .join(', ')}`,
    hint: 'see it with `mcp plan --diff`, carry what is to stay into overrides/, then deploy with --overwrite-drift',
  }));
}

/** Others would get users and passwords that nobody has let in. */
const withheldLogins = ({ service, withheld }: ServiceChange): readonly Refusal[] =>
  withheld.map((host) => ({
    kind: 'degraded',
    host,
    message: `${service.title} lets new logins in on ${host}, which is left out: who gets them would be refused`,
    hint: `name ${host} among those to act on, or leave the limit out`,
  }));

/** Hosts that may be missing, but without which no quorum is left. */
function missingMembers({ service, instances }: ServiceChange, request: PlanRequest): readonly Refusal[] {
  const { observed, allowUnreachable = [] } = request;
  const resting = restingHosts(request);
  const missing = instances
    .map(({ host }) => host.name)
    .filter((name) => resting.has(name) || !reachable(observed, name));
  const left = instances.length - missing.length;
  const needed = membersNeeded(service, instances.length);
  if (left >= needed) return [];
  return missing
    .filter((host) => allowUnreachable.includes(host))
    .map((host) => ({
      kind: 'unreachable',
      host,
      message: `${service.title} can't go on without ${host}: ${left} of ${instances.length} members are left and it needs ${needed}`,
      hint: `bring ${missing.join(' or ')} back first`,
    }));
}

/** Members can't join a cluster that is not created in this run. */
function missingBootstrap(
  { service, bootstrap, hosts }: ServiceChange,
  request: PlanRequest,
): readonly Refusal[] {
  if (!bootstrap || hosts.length === 0 || hosts.some(({ host }) => host === bootstrap.host)) return [];
  const excluded = request.limit !== undefined && !request.limit.includes(bootstrap.host);
  return [
    {
      kind: excluded ? 'degraded' : 'unreachable',
      host: bootstrap.host,
      message: `${service.title} is to be created on ${bootstrap.host}, which this run leaves out`,
      hint: excluded ? `add ${bootstrap.host} to --limit` : `bring ${bootstrap.host} back first`,
    },
  ];
}
