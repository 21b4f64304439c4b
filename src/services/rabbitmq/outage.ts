import { type ObservedState, reachable } from '../../model/observed.ts';
import { type Outage, sinceWords, wayOut } from '../../model/recovery.ts';
import { type RabbitmqInstance, unit } from './names.ts';
import { viewOf } from './view.ts';

/**
 * Why no member takes clients, and whether that ends by itself. Undefined while one serves, or may: one that runs and whose
 * management does not answer as it should is another trouble.
 */
export function outageOf(
  instances: readonly RabbitmqInstance[],
  observed: ObservedState,
): Outage | undefined {
  const views = instances.map(({ host }) => ({ name: host.name, kind: viewOf(observed, host.name).kind }));
  // Who answers and did not say in time may well serve.
  const isUnknown = ({ name, kind }: (typeof views)[number]): boolean =>
    kind === 'up' || (kind === 'unknown' && reachable(observed, name) !== undefined);
  if (views.some(isUnknown) || !views.some(({ kind }) => kind === 'down')) return undefined;
  // A first deploy that was cut off has nothing to recover, and goes on.
  if (!views.some(({ name }) => reachable(observed, name)?.records.has(unit))) return undefined;
  const silent = views.filter(({ name }) => reachable(observed, name) === undefined).map(({ name }) => name);
  const stateOf = (name: string) => reachable(observed, name)?.units.get(unit);
  const trying = views
    .map(({ name }) => name)
    .filter((name) => ['active', 'activating'].includes(stateOf(name)?.activeState ?? ''));
  // Most of them run, and only their management does not take us: that is another trouble.
  const running = trying.filter((name) => stateOf(name)?.activeState === 'active');
  if (2 * running.length > instances.length) return undefined;
  const stopped = views
    .map(({ name }) => name)
    .filter((name) => !silent.includes(name) && !trying.includes(name));
  const seconds = Math.max(0, ...trying.map((name) => stateOf(name)?.unchangedSeconds ?? 0));
  const since = sinceWords(seconds);
  const waitsFor = [...silent, ...stopped];
  if (waitsFor.length === 0) {
    return {
      kind: 'heals',
      message: `RabbitMQ: ${trying.join(' and ')} start${since}`,
      waitsFor,
      hint: 'Wait: members that start find each other within a minute.',
    };
  }
  return {
    kind: 'stuck',
    message:
      trying.length === 0
        ? 'RabbitMQ has stopped on every host that answers'
        : `RabbitMQ: ${trying.join(' and ')} ${trying.length === 1 ? 'waits' : 'wait'} for ${waitsFor.join(' and ')}${since}`,
    waitsFor,
    hint: wayOut(silent, '`mcp recover` starts all of them together.'),
  };
}
