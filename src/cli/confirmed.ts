import { McpError } from '../model/failure.ts';
import type { Output } from '../report/index.ts';

interface Wishes {
  readonly yes: boolean;
  readonly json: boolean;
  /** What to do where nobody can be asked. */
  readonly hint: string;
}

/** Shows what would be done, and asks where someone can answer. Without a terminal only --yes is a yes. */
export async function confirmed(
  shown: string,
  { yes, json, hint }: Wishes,
  output: Output,
): Promise<boolean> {
  if (!json) output.print(`${shown}\n`);
  if (yes) return true;
  if (json || !output.interactive) {
    throw new McpError('not-confirmed', 'nobody could confirm this: nothing was changed', { hint });
  }
  return output.confirm('Carry this out?');
}
