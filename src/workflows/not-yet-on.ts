import { reachable } from '../model/observed.ts';
import { absentFrom } from '../model/plan.ts';
import type { Resource } from '../model/resource.ts';
import { dueAtLast } from '../plan/index.ts';
import type { Planned } from './plan.ts';

/** What is about to be replaced. */
interface Replaced {
  /** Texts that stand in the files of whoever has it. */
  readonly texts: readonly string[];
  /** Services that have it though it stands in no file of theirs: a hash of it does. */
  readonly owners?: readonly string[];
}

/**
 * Hosts that do not have it as it is now, or where a service with it is still to be told, or that nobody could look at or a
 * run leaves out (who is in maintenance comes back with what it has); each with what is due there.
 */
export function notYetOn(
  { plan, desired, observed }: Planned,
  { texts, owners = [] }: Replaced,
): readonly string[] {
  const absent = absentFrom(plan);
  const holds = (resource: Resource): boolean =>
    resource.kind === 'file' && texts.some((text) => resource.content.includes(text));
  return [...desired.hosts].flatMap(([host, wanted]) => {
    const { services: described } = wanted;
    const holders = described.filter(
      ({ service, resources }) => owners.includes(service) || resources.some(holds),
    );
    if (holders.length === 0) return [];
    const now = reachable(observed, host);
    if (now === undefined) return [`${host} does not answer`];
    if (absent.has(host)) return [`${host} is left out: it has what it had`];
    const titles = holders.flatMap(({ service }) =>
      plan.batches
        .filter((batch) => batch.service === service && batch.hosts.some((each) => each.host === host))
        .map(({ title }) => title),
    );
    // What comes last is in no plan that leaves a host out, one that has nothing to do with it either.
    const unfinished = titles.length > 0 ? [] : dueAtLast(wanted, now, texts);
    return [...new Set([...titles, ...unfinished])].map((title) => `${host}: ${title}`);
  });
}
