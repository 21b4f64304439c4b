import { neededBy } from '../model/service-order.ts';
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
 * back before anything that runs is acted on: until then there is one less to stand in. Where anything that it needs is to
 * be changed on its host first, or begins anywhere by more than a start, it waits for its turn: that may be what stopped it.
 */
export function partedByRevival(changes: readonly ServiceChange[]): Parted {
  const revived = new Map<ServiceChange, readonly HostChange[]>();
  // In deploy order: what a service needs has been decided about.
  const services = changes.map(({ service }) => service);
  for (const change of changes) {
    const names = neededBy(change.service, services);
    const needed = changes.filter(({ service }) => names.has(service.name));
    const isHeldUp = ({ host }: HostChange): boolean =>
      needed.some(
        (each) => each.bootstrap !== undefined || each.hosts.some(holdsUp(host, revived.get(each) ?? [])),
      );
    revived.set(
      change,
      revivalsIn(change).filter((each) => !isHeldUp(each)),
    );
  }
  const revivedOf = (change: ServiceChange): readonly HostChange[] => revived.get(change) ?? [];
  return {
    revivals: changes
      .filter((change) => revivedOf(change).length > 0)
      .map((change) => ({ ...change, hosts: revivedOf(change) })),
    others: changes.map((change) => ({
      ...change,
      hosts: change.hosts.filter((host) => !revivedOf(change).includes(host)),
    })),
  };
}

/** Whether the change of a needed service has to come before something on `host` is started. */
const holdsUp =
  (host: string, revived: readonly HostChange[]) =>
  (change: HostChange): boolean =>
    !revived.includes(change) &&
    (change.host === host || change.effect === 'starts' || change.steps.some(({ kind }) => kind === 'task'));

function revivalsIn({ bootstrap, newcomers, hosts }: ServiceChange): readonly HostChange[] {
  if (bootstrap !== undefined) return [];
  return hosts.filter(
    ({ host, effect, steps }) => effect === 'starts' && !newcomers.has(host) && steps.every(isStart),
  );
}

const isStart = (step: Step): boolean =>
  step.kind === 'unit' && ['start', 'enable', 'reload-daemon'].includes(step.action);
