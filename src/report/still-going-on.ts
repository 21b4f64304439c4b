import type { ExecutionEvent } from '../model/event.ts';
import { duration } from './words.ts';

/**
 * What has begun and not ended, for logs that would else say nothing for minutes: GitLab and others end a job that is silent
 * for long, and who watches can't tell a long installation from a hang.
 */
export function createStepsUnderWay(now: () => Date) {
  const begun = new Map<string, Date>();
  return {
    emit(event: ExecutionEvent): void {
      if (event.type === 'step-started') begun.set(nameOf(event), now());
      if (event.type === 'step-finished' || event.type === 'step-failed') begun.delete(nameOf(event));
    },
    /** "still going on: ctl01: install packages (3 min 05 s); …"; undefined where nothing is under way. */
    line(): string | undefined {
      const steps = [...begun].map(
        ([step, since]) => `${step} (${duration((now().getTime() - since.getTime()) / 1000)})`,
      );
      return steps.length === 0 ? undefined : `still going on: ${steps.join('; ')}`;
    },
  };
}

const nameOf = ({ host, title }: { readonly host: string; readonly title: string }): string =>
  `${host}: ${title}`;
