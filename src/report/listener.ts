import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';

/** Watches a rollout: terminal, plain lines and JSON lines are three of them. It never drives. */
export interface RolloutListener {
  readonly emit: Emit;
  /** Ends what is drawn and shows the summary. `failure`: what ended the run, if something did. */
  finish(failure?: McpError): Promise<void>;
}

/** Several that watch one run. Each is told of its end, even where another fails at that. */
export const together = (listeners: readonly RolloutListener[]): RolloutListener => ({
  emit(event) {
    for (const listener of listeners) listener.emit(event);
  },
  async finish(failure) {
    const failures: unknown[] = [];
    // One after the other, since some draw on the same terminal.
    for (const listener of listeners)
      await listener.finish(failure).catch((thrown: unknown) => failures.push(thrown));
    if (failures.length > 0) throw failures[0];
  },
});

/** Does `work` while the listener watches, and has it finish whatever the outcome. */
export async function follow<T>(listener: RolloutListener, work: (emit: Emit) => Promise<T>): Promise<T> {
  let failure: McpError | undefined;
  try {
    return await work(listener.emit);
  } catch (thrown) {
    failure = asFailure(thrown);
    throw thrown;
  } finally {
    await listener.finish(failure);
  }
}

/** What ended something, for those who are told of it; a bug as the failure it is to them. */
export const asFailure = (thrown: unknown): McpError =>
  thrown instanceof McpError ? thrown : new McpError('command-failed', 'stopped by a bug', { cause: thrown });
