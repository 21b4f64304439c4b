import type { DesiredService } from '../model/desired.ts';
import type { FileResource, Resource, UnitResource } from '../model/resource.ts';
import { quote } from '../model/transport.ts';
import { task } from './task.ts';

/**
 * The services of a host with every unit watching the files that say it reads them, so that it is restarted in its turn,
 * drained and gated as for a file of ours. A unit that nobody here manages is told when such a file has changed.
 */
export function withReaders(services: readonly DesiredService[]): readonly DesiredService[] {
  const resources = services.flatMap((service) => service.resources);
  const read = resources
    .filter((resource) => resource.kind === 'file')
    .filter(({ readBy = [] }) => readBy.length > 0);
  if (read.length === 0) return services;
  const managed = new Set(resources.flatMap((resource) => (resource.kind === 'unit' ? [resource.name] : [])));
  return services.map((service) => ({
    ...service,
    resources: [
      ...service.resources.map((resource) =>
        resource.kind === 'unit' ? watching(resource, read) : resource,
      ),
      ...strangersOf(service, managed),
    ],
  }));
}

function watching(unit: UnitResource, files: readonly FileResource[]): UnitResource {
  const readFor = (wanted: 'restart' | 'reload'): readonly string[] =>
    files
      .filter(({ readBy = [] }) =>
        readBy.some(({ unit: name, action }) => name === unit.name && action === wanted),
      )
      .map(({ path }) => path);
  // What nothing of ours reloads has no way to: systemd would refuse, in the middle of a run.
  const canReload = unit.reloadOn.length > 0;
  const restarting = [...readFor('restart'), ...(canReload ? [] : readFor('reload'))];
  const reloading = canReload ? readFor('reload') : [];
  return {
    ...unit,
    restartOn: [...new Set([...unit.restartOn, ...restarting])],
    reloadOn: [...new Set([...unit.reloadOn, ...reloading])],
  };
}

/** One task a unit, for all files of the service that it reads. */
function strangersOf(
  { service, resources }: DesiredService,
  managed: ReadonlySet<string>,
): readonly Resource[] {
  const files = resources.filter((resource) => resource.kind === 'file');
  const readers = files
    .flatMap(({ path, readBy = [] }) => readBy.map((reader) => ({ ...reader, path })))
    .filter(({ unit }) => !managed.has(unit));
  const tasks = readers.map(({ unit, action }) =>
    task({
      name: `${service}-${action}-${unit.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`,
      title: `${action} ${unit}`,
      script: `systemctl cat ${quote(unit)} >/dev/null || exit
systemctl ${action === 'reload' ? 'try-reload-or-restart' : 'try-restart'} ${quote(unit)}
`,
      readsFiles: readers
        .filter((other) => other.unit === unit && other.action === action)
        .map(({ path }) => path),
      when: 'after-units',
    }),
  );
  return [...new Map(tasks.map((each) => [each.name, each])).values()];
}
