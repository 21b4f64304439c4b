import type { DesiredHost, DesiredService } from '../model/desired.ts';
import type { Belonging } from '../model/membership.ts';
import type { Resource } from '../model/resource.ts';

/** What a host has of us once it is as desired. */
export const belongingsOf = (desired: DesiredHost | undefined): readonly Belonging[] => [
  ...(desired?.services ?? []).flatMap(belongingsOfService),
  ...(desired?.leftAlone?.belongings ?? []),
];

const belongingsOfService = ({ service, resources, data }: DesiredService): readonly Belonging[] => [
  ...resources.flatMap((resource) => belongingOf(resource, service)),
  ...data.map((name): Belonging => ({ kind: 'data', name, service })),
];

function belongingOf(resource: Resource, service: string): readonly Belonging[] {
  switch (resource.kind) {
    case 'unit':
      return resource.state === 'stopped' || resource.outlivesMembership
        ? []
        : [{ kind: 'unit', name: resource.name, service }];
    case 'directory':
      return [{ kind: 'directory', name: resource.path, service }];
    case 'file':
      return resource.outlivesMembership ? [{ kind: 'kept', name: resource.path, service }] : [];
    case 'package':
    case 'task':
      return [];
  }
}
