import { reachable } from '../model/observed.ts';
import type { Resource } from '../model/resource.ts';
import type { Planned } from './plan.ts';

/**
 * Hosts that do not have everything that holds one of these texts, or where a service with such a file is still to be told of
 * it, or that nobody could look at; each with what is due there.
 */
export function notYetOn({ plan, desired, observed }: Planned, texts: readonly string[]): readonly string[] {
  const holds = (resource: Resource): boolean =>
    resource.kind === 'file' && texts.some((text) => resource.content.includes(text));
  return [...desired.hosts].flatMap(([host, { services: described }]) => {
    const holders = described.filter(({ resources }) => resources.some(holds));
    if (holders.length === 0) return [];
    if (reachable(observed, host) === undefined) return [`${host} does not answer`];
    const titles = holders.flatMap(({ service }) =>
      plan.batches
        .filter((batch) => batch.service === service && batch.hosts.some((each) => each.host === host))
        .map(({ title }) => title),
    );
    return [...new Set(titles)].map((title) => `${host}: ${title}`);
  });
}
