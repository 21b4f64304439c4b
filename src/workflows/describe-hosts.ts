import type { DesiredHost, DesiredService, DesiredState } from '../model/desired.ts';
import type { Host } from '../model/host.ts';
import type { Resource } from '../model/resource.ts';
import type { Render, Service } from '../model/service.ts';
import type { Instance, Topology } from '../model/topology.ts';
import { withReaders } from '../resources/index.ts';

/** How files come about on one host: its templates, then the operator's overrides. */
export interface Rendering {
  renderOn(host: Host): Render;
  overrideOn(host: Host, resources: readonly Resource[]): readonly Resource[];
}

/** What every host should have: each service's resources, checkers and probes, in the order of the services. */
export function describeHosts(
  topology: Topology,
  services: readonly Service[],
  rendering: Rendering,
): DesiredState {
  const described = topology.hosts.map((host) => describeHost(host, { topology, services, rendering }));
  return { hosts: new Map(described.map((desired) => [desired.host, desired])) };
}

interface Description {
  readonly topology: Topology;
  readonly services: readonly Service[];
  readonly rendering: Rendering;
}

/** What one of them should have. */
export function describeHost(host: Host, context: Description): DesiredHost {
  const render = context.rendering.renderOn(host);
  const described = context.services.flatMap((service) =>
    context.topology.instances
      .filter((instance) => instance.service === service.name && instance.host.name === host.name)
      .map((instance) => describeInstance(service, instance, { ...context, render })),
  );
  return { host: host.name, services: withReaders(described) };
}

function describeInstance(
  service: Service,
  instance: Instance,
  { topology, rendering, render }: Description & { readonly render: Render },
): DesiredService {
  return {
    service: service.name,
    resources: rendering.overrideOn(instance.host, service.resources(instance, topology, render)),
    validators: service.validators?.(instance, topology) ?? [],
    probes: service.probes?.(instance, topology) ?? [],
    data: service.data ?? [],
  };
}
