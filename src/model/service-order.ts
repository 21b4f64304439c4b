import type { Service } from './service.ts';

/** Each service after those it names in `after`; otherwise the list's own order stands. */
export function inDeployOrder(services: readonly Service[]): readonly Service[] {
  const known = new Map(services.map((service) => [service.name, service]));
  const placed = new Set<string>();
  const ordered: Service[] = [];
  const place = (service: Service, waiting: readonly string[]): void => {
    if (waiting.includes(service.name)) {
      throw new Error(`services wait for each other: ${[...waiting, service.name].join(' → ')}`);
    }
    if (placed.has(service.name)) return;
    for (const name of service.after) {
      const earlier = known.get(name);
      if (earlier) place(earlier, [...waiting, service.name]);
    }
    placed.add(service.name);
    ordered.push(service);
  };
  for (const service of services) place(service, []);
  return ordered;
}

/** What lets clients in first, then each service before those it needs. */
export const inLeavingOrder = (services: readonly Service[]): readonly Service[] =>
  inDeployOrder(services)
    .toReversed()
    .toSorted((one, other) => Number(other.admitsClients ?? false) - Number(one.admitsClients ?? false));

/** Names of the services that one needs, directly or not. */
export function neededBy(
  { after }: Pick<Service, 'after'>,
  services: readonly Service[],
): ReadonlySet<string> {
  const names = new Set(after);
  // A set that grows is visited to its end.
  for (const name of names) {
    for (const earlier of services.find((service) => service.name === name)?.after ?? []) names.add(earlier);
  }
  return names;
}

/** Names of the services that need one of `names`, directly or not. */
export const needingAny = (names: ReadonlySet<string>, services: readonly Service[]): ReadonlySet<string> =>
  new Set(
    services
      .filter((service) => [...neededBy(service, services)].some((name) => names.has(name)))
      .map(({ name }) => name),
  );
