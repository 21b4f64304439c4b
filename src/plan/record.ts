import type { Host } from '../model/host.ts';
import {
  type Belonging,
  isSameMembership,
  type Membership,
  memberOf,
  memberStill,
} from '../model/membership.ts';
import { type ReachableHost, reachable } from '../model/observed.ts';
import { type DraftBatch, quietBatch } from '../model/plan.ts';
import { belongingsOf } from '../resources/index.ts';
import { everybodyIn, isBack, isElsewhere, type PlanRequest } from './plan-request.ts';

/** What hosts will have on record: while the run is under way, and when it has ended. */
export interface Recording {
  readonly intent: Membership | undefined;
  readonly final: Membership;
}

/**
 * Undefined where nothing is to be recorded: nobody asked, or the run acts on some hosts only. Who is in maintenance
 * stays so.
 */
export function recordingOf(request: PlanRequest): Recording | undefined {
  const { membership, topology, limit } = request;
  if (membership === undefined || limit !== undefined) return undefined;
  const { recorded } = membership;
  const member = (host: Host) => memberStill(host, recorded);
  const wanted = { members: topology.hosts.map(member), forgotten: stillForgotten(request) };
  const generation = recorded?.generation ?? 0;
  const final = { generation, ...wanted };
  if (recorded && isSameMembership(recorded, final)) return { intent: undefined, final };
  // Who was forgotten and is back stays shut out until what it has is taken from it.
  const back = (recorded?.forgotten ?? []).filter(({ name }) => isBack(request, name));
  const intent = {
    generation: generation + 1,
    members: everybodyIn(request)
      .hosts.filter(({ name }) => !isBack(request, name))
      .map(member),
    forgotten: [...wanted.forgotten, ...back],
  };
  return { intent, final: { ...wanted, generation: generation + 2 } };
}

/** One batch for every host whose record says something else, or does not say what runs have put there. */
export function recordBatch(
  request: PlanRequest,
  recording: Recording | undefined,
  targets: ReadonlySet<string>,
): readonly DraftBatch[] {
  if (recording === undefined) return [];
  const { final } = recording;
  const hosts = request.topology.hosts
    .flatMap(({ name }) => reachable(request.observed, name) ?? [])
    .filter(({ host }) => targets.has(host))
    .filter((now) => recording.intent !== undefined || isDue(now, final, request))
    .map(({ host }) => ({ host, steps: [{ kind: 'record-membership', membership: final } as const] }));
  if (hosts.length === 0) return [];
  return [quietBatch('membership', 'Record who belongs to the cloud', hosts)];
}

/** Also when it has nothing else to do: what a run put there must be known to the one that takes it away. */
const isDue = (now: ReachableHost, final: Membership, { desired }: PlanRequest): boolean =>
  now.membership === undefined ||
  !isSameMembership(now.membership, final) ||
  textOf(now.belongings) !== textOf(belongingsOf(desired.hosts.get(now.host)));

/** Two parts of a service may want the same folder; it is on record once. */
const textOf = (belongings: readonly Belonging[]): string =>
  [...new Set(belongings.map(({ kind, name, service }) => `${kind} ${name} ${service}`))].sort().join('\n');

/** Who was forgotten and has neither come back nor answered since; and who is forgotten now. */
function stillForgotten(request: PlanRequest): Membership['forgotten'] {
  const { membership, topology, observed } = request;
  const taken = new Set(topology.hosts.flatMap(({ name, addresses }) => [name, addresses.management]));
  const gone = membership?.all.hosts.filter(({ name }) => !taken.has(name)) ?? [];
  const silent = gone
    .filter(({ name }) => reachable(observed, name) === undefined && !isElsewhere(request, name))
    .map(memberOf);
  const before = (membership?.recorded?.forgotten ?? []).filter(
    ({ name, addresses }) =>
      !taken.has(name) && !taken.has(addresses.management) && gone.every((host) => host.name !== name),
  );
  return [...before, ...silent];
}
