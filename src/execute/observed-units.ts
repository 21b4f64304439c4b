import type { ObservedUnit, ReachableHost } from '../model/observed.ts';
import { linesOf, splitOnce } from './reply-parts.ts';

/** systemctl answers in the order asked, one block a unit; what follows are transient units of runs. */
export function unitsIn(
  part: string,
  asked: readonly string[],
  uptimeSeconds: number,
): Pick<ReachableHost, 'units' | 'runningSteps'> {
  const blocks = part
    .split('\n\n')
    .map((block) => new Map(linesOf(block).map((line) => splitOnce(line, '='))))
    .filter((block) => block.size > 0);
  const steps = blocks.slice(asked.length).filter((block) => running.has(block.get('ActiveState') ?? ''));
  return {
    units: new Map(asked.flatMap((name, index) => entry(name, unitIn(blocks[index], uptimeSeconds)))),
    runningSteps: steps.map((block) => block.get('Id') ?? ''),
  };
}

const running = new Set(['active', 'activating', 'deactivating', 'reloading']);

function entry<Value>(name: string, value: Value | undefined): readonly (readonly [string, Value])[] {
  return value === undefined ? [] : [[name, value]];
}

function unitIn(
  block: ReadonlyMap<string, string> | undefined,
  uptimeSeconds: number,
): ObservedUnit | undefined {
  if (block === undefined) return undefined;
  const unchangedSeconds = uptimeSeconds - Number(block.get('StateChangeTimestampMonotonic')) / 1e6;
  return {
    loadState: block.get('LoadState') ?? '',
    activeState: block.get('ActiveState') ?? '',
    subState: block.get('SubState') ?? '',
    unitFileState: block.get('UnitFileState') ?? '',
    mainPid: Number(block.get('MainPID') ?? 0),
    startedAtMicroseconds: Number(block.get('ExecMainStartTimestampMonotonic') ?? 0),
    ...(Number.isFinite(unchangedSeconds) ? { unchangedSeconds: Math.max(0, unchangedSeconds) } : {}),
  };
}
