import type { Service } from '../model/service.ts';
import type { Step } from '../model/step.ts';
import type { HostChange } from './host-change.ts';
import type { ServiceChange } from './service-change.ts';

/** Changes in two parts, each in the order of `changes`. */
interface Parted {
  /** What needs nothing but to be started again. */
  readonly revivals: readonly ServiceChange[];
  readonly others: readonly ServiceChange[];
}

/**
 * What somebody stopped, or what a killed run left outside the load balancers, and whose files are as they are to be, comes
 * back before anything that runs is acted on: until then there is one less to stand in. Where a service that it needs does
 * not run either and needs more than that, it waits for its turn.
 */
export function partedByRevival(changes: readonly ServiceChange[]): Parted {
  const revivedOf = new Map(changes.map((change) => [change.service.name, revivalsIn(change)]));
  const isHeldUp = ({ service }: ServiceChange): boolean =>
    neededBy(service, changes).some(
      (needed) =>
        needed.bootstrap !== undefined ||
        needed.hosts.some(
          (host) => host.effect === 'starts' && !revivedOf.get(needed.service.name)?.includes(host),
        ),
    );
  const parts = changes.map((change) => {
    const revived = isHeldUp(change) ? [] : (revivedOf.get(change.service.name) ?? []);
    return {
      revived: { ...change, hosts: revived },
      other: { ...change, hosts: change.hosts.filter((host) => !revived.includes(host)) },
    };
  });
  return {
    revivals: parts.flatMap(({ revived }) => (revived.hosts.length === 0 ? [] : [revived])),
    others: parts.map(({ other }) => other),
  };
}

function revivalsIn({ bootstrap, newcomers, hosts }: ServiceChange): readonly HostChange[] {
  if (bootstrap !== undefined) return [];
  return hosts.filter(
    ({ host, effect, steps }) => effect === 'starts' && !newcomers.has(host) && steps.every(isStart),
  );
}

const isStart = (step: Step): boolean =>
  step.kind === 'unit' && ['start', 'enable', 'reload-daemon'].includes(step.action);

/** The changes of the services that come before it, directly or not. */
function neededBy({ after }: Service, changes: readonly ServiceChange[]): readonly ServiceChange[] {
  const names = new Set(after);
  // A set that grows is visited to its end.
  for (const name of names) {
    const service = changes.find((change) => change.service.name === name)?.service;
    for (const earlier of service?.after ?? []) names.add(earlier);
  }
  return changes.filter(({ service }) => names.has(service.name));
}
