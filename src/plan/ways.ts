import { foundContent } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import type { FileResource } from '../model/resource.ts';
import type { ContentOf, Obstacle } from '../model/service.ts';
import { type PlanRequest, restingHosts } from './plan-request.ts';
import type { ServiceChange } from './service-change.ts';

/** Changes in two parts. */
interface Parted {
  /** In the order of `changes`. */
  readonly others: readonly ServiceChange[];
  /** Those that close a way in, the other way round: one of them may be a client of another. */
  readonly closing: readonly ServiceChange[];
}

/** What closes a way in waits until nobody is left who uses it: its clients are switched over before. */
export const partedByWays = (changes: readonly ServiceChange[]): Parted => ({
  others: changes.filter(({ closing }) => closing.length === 0),
  closing: changes.filter(({ closing }) => closing.length > 0).toReversed(),
});

/** Whoever is left out could not come in any more. */
export function shutOut(
  { service, closing }: ServiceChange,
  request: PlanRequest,
  targets: ReadonlySet<string>,
): readonly Refusal[] {
  const left = request.topology.hosts.map(({ name }) => name).filter((name) => !targets.has(name));
  const [first] = left;
  if (closing.length === 0 || first === undefined) return [];
  return [
    {
      kind: 'degraded',
      host: first,
      message: `${service.title} gives up a way by which others come in, and ${left.join(', ')} would still use it: this run leaves ${left.length === 1 ? 'that host' : 'those hosts'} out`,
      hint: reachingHint(left, request),
    },
  ];
}

function reachingHint(left: readonly string[], request: PlanRequest): string {
  const resting = left.filter((name) => restingHosts(request).has(name));
  if (resting.length > 0) {
    return `bring ${resting.join(' and ')} back first: ${resting.map((name) => `\`mcp maintenance leave ${name}\``).join(', ')}`;
  }
  const isLimited = left.some((name) => request.limit?.includes(name) === false);
  return isLimited ? 'leave the limit out' : `bring ${left.join(' and ')} back first`;
}

/** What members can't do one after the other, as their service sees it. */
export function obstacleRefusals(
  { service, instances, first }: ServiceChange,
  request: PlanRequest,
  targets: ReadonlySet<string>,
): readonly Refusal[] {
  if (first) return [];
  const found: readonly Obstacle[] | undefined = service.obstacles?.(
    instances,
    request.topology,
    request.observed,
    contentAfter(request, targets),
  );
  return (found ?? []).map((obstacle) => ({ ...obstacle, kind: 'degraded' }));
}

const contentAfter =
  ({ desired, observed }: PlanRequest, targets: ReadonlySet<string>): ContentOf =>
  (host, path) => {
    const wanted = desired.hosts
      .get(host)
      ?.services.flatMap(({ resources }) => resources)
      .find((resource): resource is FileResource => resource.kind === 'file' && resource.path === path);
    return targets.has(host) ? wanted?.content : foundContent(observed, { host, path }, wanted?.content);
  };
