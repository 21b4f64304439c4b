import type { DrillEvent } from '../event.ts';
import { trialAsText } from './trial-text.ts';
import { hostsText } from './words.ts';

/** One line for what just happened; undefined for what needs none. */
export function eventAsText(event: DrillEvent): string | undefined {
  switch (event.type) {
    case 'trial-started':
      return `${event.fault}: ${event.repeat} of ${event.repeats}`;
    case 'steady-state-met':
      return `  steady: every check is green, no attempt failed for ${event.seconds} s`;
    case 'healing-armed':
      return `  ${hostsText(event.hosts)} will be healed in ${event.seconds} s, whatever happens to this program`;
    case 'fault-injected':
      return `  BROKEN: ${hostsText(event.hosts)}`;
    case 'healing-now':
      return `  healing ${hostsText(event.hosts)} now`;
    case 'waiting-for-health':
      return `  waiting for ${event.findings[0] ?? 'health'}${more(event.findings.length - 1)}`;
    case 'healthy-again':
      return `  healthy again`;
    case 'reading-back':
      return '  looking for every acknowledged row on every member, and every confirmed message';
    case 'steady-run-started':
      return `nothing is broken for ${event.seconds} s${event.busyLoops > 0 ? `, beside ${event.busyLoops} busy loops` : ''}`;
    case 'trial-finished':
      return trialAsText(event.result);
  }
}

const more = (count: number): string => (count > 0 ? ` (and ${count} more)` : '');
