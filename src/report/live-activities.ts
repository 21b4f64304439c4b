import type { ExecutionEvent } from '../model/event.ts';
import { findingsAsText, type Telling } from './findings-text.ts';
import { duration } from './words.ts';

/** The row above the hosts. */
export const heading = '';

/** What a row says from now on. */
export interface Activity {
  readonly row: string;
  readonly activity: string;
  /** Whether the time since then is shown beside it. */
  readonly timed: boolean;
}

/** Which rows an event changes, and how. `total`: batches of the run; `telling`: what is said of findings. */
export function activitiesOf(
  event: ExecutionEvent,
  { total, telling = 'causes' }: { readonly total: number; readonly telling?: Telling },
): readonly Activity[] {
  const on = (row: string, activity: string, timed = true): readonly Activity[] => [{ row, activity, timed }];
  switch (event.type) {
    case 'rollout-started':
      return on(heading, 'locking and staging');
    case 'lock-acquired':
      return event.hosts.flatMap((host) => on(host, 'locked', false));
    case 'files-staged':
      return on(event.host, `${event.files} files staged`, false);
    case 'files-validated':
      return on(event.host, `accepted by ${event.validators.join(', ')}`, false);
    case 'batch-started': {
      const { id, title, capacity } = event.batch;
      return on(heading, `${id}/${total} ${title}${capacity === '' ? '' : ` · meanwhile ${capacity}`}`);
    }
    case 'gate-waiting':
      return on(heading, `${event.batch}/${total} waiting: ${findingsAsText(event.closing, telling)}`);
    case 'gate-passed':
      return on(heading, `${event.batch}/${total} healthy`);
    case 'step-started':
      return on(event.host, event.title);
    case 'step-finished':
      return on(event.host, `${event.title}: done in ${duration(event.seconds)}`, false);
    case 'step-failed':
      return on(event.host, `${event.title}: ${event.failure.message.split('\n')[0] ?? ''}`, false);
    case 'rollout-halted':
      return on(heading, `halted: ${event.reason.message.split('\n')[0] ?? ''}`, false);
    case 'rollout-finished':
      return on(heading, `${total} of ${total} batches`, false);
    case 'journal-lost':
      return on(heading, `no account is kept any more: ${event.reason}`, false);
    // There are no rows yet.
    case 'lock-waiting':
    case 'batch-finished':
      return [];
  }
}
