import {
  createJsonLines,
  createLiveTerminal,
  createPlainLines,
  type Output,
  type RolloutListener,
} from '../report/index.ts';

interface Wishes {
  readonly json: boolean;
  /** Every finding, and not causes alone. */
  readonly verbose: boolean;
}

/** Who shows a run: JSON lines where asked for, plain lines where nobody looks, the live terminal otherwise. */
export function listenerFor({ json, verbose }: Wishes, output: Output): RolloutListener {
  const telling = verbose ? 'everything' : 'causes';
  const now = (): Date => new Date();
  const write = (line: string): void => output.print(line);
  if (json) return createJsonLines({ write, now });
  if (!output.interactive) return createPlainLines({ write, now, telling });
  return createLiveTerminal({ print: write, mask: output.mask, paint: output.paint, telling, now });
}
