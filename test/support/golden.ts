import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { FileResource, Resource } from '../../src/model/resource.ts';
import type { Service } from '../../src/model/service.ts';
import type { Instance, Topology } from '../../src/model/topology.ts';
import { loadTemplates, renderFor } from '../../src/render/index.ts';
import { templateName } from '../../src/render/templates.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const templates = loadTemplates(`${root}/templates`);

/** Everything that `service` wants on one host, rendered from the real templates. */
export async function resourcesOf<Settings>(
  service: Service<Settings>,
  instance: Instance<Settings>,
  topology: Topology,
): Promise<readonly Resource[]> {
  return service.resources(instance, topology, renderFor(await templates, [], instance.host));
}

/**
 * Compares every file of `service` with `test/golden/<layout>/<host>/<path>`, and what else it wants (packages, modes,
 * units) with `<service>.resources` beside them. `vitest -u` writes them again; read the difference before landing it.
 */
export async function expectGolden<Settings>(
  service: Service<Settings>,
  instances: readonly Instance<Settings>[],
  { layout, topology }: { readonly layout: string; readonly topology: Topology },
): Promise<void> {
  for (const instance of instances) {
    const directory = `${root}/test/golden/${layout}/${instance.host.name}`;
    const resources = await resourcesOf(service, instance, topology);
    for (const resource of resources) {
      if (resource.kind === 'file' && !(await isTemplate(resource)))
        await expect(resource.content).toMatchFileSnapshot(directory + resource.path);
    }
    const list = `${resources.map(lineFor).join('\n')}\n`;
    await expect(list).toMatchFileSnapshot(`${directory}/${service.name}.resources`);
  }
}

/** A file without any value in it is its template, letter for letter: there is nothing to keep a copy of. */
export async function isTemplate({ template, content }: FileResource): Promise<boolean> {
  return (await templates).get(templateName(template)) === content;
}

function lineFor(resource: Resource): string {
  switch (resource.kind) {
    case 'package':
      return `package ${resource.name}`;
    case 'directory':
    case 'file':
      return `${resource.kind} ${resource.path} ${resource.mode} ${resource.owner}:${resource.group}`;
    case 'task':
      return `task ${resource.name} ${resource.when}, reads ${resource.readsFiles.join(' ')}`;
    case 'unit':
      return `unit ${resource.name} ${resource.state}, restarts on [${resource.restartOn.join(' ')}], reloads on [${resource.reloadOn.join(' ')}]`;
  }
}
