import type { LabHost } from './description.ts';

/** Does something to all hosts at once and waits for all of them, also when one fails: nothing goes on behind our back. */
export async function onEveryHost(
  hosts: readonly LabHost[],
  act: (host: LabHost) => Promise<unknown>,
): Promise<void> {
  const outcomes = await Promise.allSettled(hosts.map(act));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
