import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';

/** Watches a rollout: terminal, plain lines and JSON lines are three of them. It never drives. */
export interface RolloutListener {
  readonly emit: Emit;
  /** Ends what is drawn and shows the summary. `failure`: what ended the run, if something did. */
  finish(failure?: McpError): Promise<void>;
}

/** Does `work` while the listener watches, and has it finish whatever the outcome. */
export async function follow<T>(listener: RolloutListener, work: (emit: Emit) => Promise<T>): Promise<T> {
  let failure: McpError | undefined;
  try {
    return await work(listener.emit);
  } catch (thrown) {
    failure =
      thrown instanceof McpError
        ? thrown
        : new McpError('command-failed', 'stopped by a bug', { cause: thrown });
    throw thrown;
  } finally {
    await listener.finish(failure);
  }
}
