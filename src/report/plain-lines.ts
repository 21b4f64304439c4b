import type { ExecutionEvent } from '../model/event.ts';
import { everythingFound, findingsAsText, type Telling } from './findings-text.ts';
import type { LineWriting } from './json-lines.ts';
import type { RolloutListener } from './listener.ts';
import { createStepsUnderWay } from './still-going-on.ts';
import { summarise } from './summary.ts';
import { summaryAsText } from './summary-text.ts';
import { counted, duration } from './words.ts';

interface PlainWriting extends LineWriting {
  readonly telling?: Telling;
}

/**
 * One stable line an event, with its time, for logs and CI: nothing is drawn over, nothing is coloured. Once a minute a line
 * of what is under way, where there was no other.
 */
export function createPlainLines({ write, now, telling = 'causes' }: PlainWriting): RolloutListener {
  const events: ExecutionEvent[] = [];
  const underWay = createStepsUnderWay(now);
  let waitedFor = '';
  const tell = (line: string): void => {
    write(`${now().toISOString().slice(11, 19)} ${line}`);
    quiet.refresh();
  };
  const quiet = setInterval(() => {
    const line = underWay.line();
    if (line !== undefined) tell(line);
  }, quietMilliseconds).unref();
  return {
    emit(event) {
      events.push(event);
      underWay.emit(event);
      const line = eventAsLine(event, telling);
      if (line === undefined || (event.type === 'gate-waiting' && line === waitedFor)) return;
      waitedFor = event.type === 'gate-waiting' ? line : '';
      tell(line);
    },
    async finish(failure) {
      clearInterval(quiet);
      if (telling === 'everything') everythingFound(failure).forEach(write);
      write(`\n${summaryAsText(summarise(events, failure))}`);
    },
  };
}

const quietMilliseconds = 60_000;

function eventAsLine(event: ExecutionEvent, telling: Telling): string | undefined {
  switch (event.type) {
    case 'lock-waiting':
      return `waiting: ${event.host} is ${event.reason}`;
    case 'rollout-started':
      return `run ${event.run}: ${counted(event.plan.batches.length, 'batch')}`;
    case 'lock-acquired':
      return `locked ${event.hosts.join(' ')}`;
    case 'files-staged':
      return `${event.host}: staged ${counted(event.files, 'file')}`;
    case 'files-validated':
      return `${event.host}: accepted by ${event.validators.join(', ')}`;
    case 'batch-started':
      return batchLine(event);
    case 'gate-waiting':
      return `${gateName(event)}: waiting: ${findingsAsText(event.closing, telling)}`;
    case 'gate-passed':
      return `${gateName(event)}: passed after ${duration(event.seconds)}`;
    case 'step-started':
      return `${event.host}: ${event.title}`;
    case 'step-finished':
      return `${event.host}: ${event.title}: done in ${duration(event.seconds)}`;
    case 'step-failed':
      return `${event.host}: ${event.title}: FAILED: ${event.failure.message}`;
    case 'batch-finished':
      return `batch ${event.batch}: done in ${duration(event.seconds)}`;
    case 'rollout-halted':
      return `HALTED: ${event.reason.message}; untouched: ${event.untouched.join(' ') || 'none'}`;
    case 'journal-lost':
      return `the account in ${event.file} ends here, the run goes on: ${event.reason}`;
    case 'rollout-finished':
      return undefined;
  }
}

function batchLine({ batch, total }: Extract<ExecutionEvent, { type: 'batch-started' }>): string {
  const hosts = batch.hosts.map(({ host }) => host).join(' ');
  const meanwhile = batch.capacity === '' ? '' : `; meanwhile ${batch.capacity}`;
  return `batch ${batch.id} of ${total}: ${batch.title} (${hosts}${meanwhile})`;
}

/** The last gate of a run stands behind no batch in particular. */
const gateName = ({ batch, when }: { readonly batch: number; readonly when: string }): string =>
  batch === 0 ? 'last gate' : `gate ${when} batch ${batch}`;
