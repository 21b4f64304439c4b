import type { Belonging } from '../model/membership.ts';
import { belongingsFound, carriesOurs, type ReachableHost, reachable } from '../model/observed.ts';
import { type DraftBatch, type HostPlan, quietBatch } from '../model/plan.ts';
import type { Step } from '../model/step.ts';
import type { PlanRequest } from './plan-request.ts';

/** What is left of ours on hosts when their units are gone. A host that leaves is nobody's afterwards. */
export function cleaningBatches(request: PlanRequest, targets: ReadonlySet<string>) {
  const hosts = [...targets].flatMap((name): readonly CleanedHost[] => {
    const now = reachable(request.observed, name);
    if (now === undefined) return [];
    const goes = !request.topology.hosts.some((host) => host.name === name);
    const steps = goes ? leavingSteps(now, request) : stayingSteps(now, request);
    return steps.length === 0 ? [] : [{ host: name, steps, goes }];
  });
  const batch = (goes: boolean, title: string): readonly DraftBatch[] => {
    const plans = hosts.filter((each) => each.goes === goes).map(({ host, steps }) => ({ host, steps }));
    return plans.length === 0 ? [] : [quietBatch('membership', title, plans)];
  };
  return {
    leaving: batch(true, 'Take what is ours from who leaves'),
    staying: batch(false, 'Take away what nothing needs any more'),
  };
}

interface CleanedHost extends HostPlan {
  readonly goes: boolean;
}

function leavingSteps(now: ReachableHost, { purge = false }: PlanRequest): readonly Step[] {
  if (!carriesOurs(now) && now.cloud === undefined) return [];
  const kept = namesOf('kept', now);
  const paths = [...now.appliedFiles.keys()].filter((path) => !kept.includes(path));
  const data = purge ? namesOf('data', now) : [];
  return [
    ...removal(paths, namesOf('directory', now)),
    ...(data.length === 0 ? [] : [{ kind: 'remove-data', paths: data } as const]),
    { kind: 'release' },
  ];
}

function stayingSteps(now: ReachableHost, request: PlanRequest): readonly Step[] {
  const { desired, purge = false } = request;
  const described = desired.hosts.get(now.host);
  const resources = (described?.services ?? []).flatMap((service) => service.resources);
  const wanted = new Set([
    ...resources.flatMap((each) => ('path' in each ? [each.path] : [])),
    // These go with their service.
    ...(described?.services ?? []).flatMap(({ removes = [] }) => removes),
    ...(described?.leftAlone?.files ?? []),
    ...(described?.leftAlone?.belongings ?? []).map(({ name }) => name),
  ]);
  const services = new Set(
    request.topology.instances.filter(({ host }) => host.name === now.host).map(({ service }) => service),
  );
  const left = (kind: Belonging['kind']) => namesOf(kind, now).filter((name) => !wanted.has(name));
  const kept = namesOf('kept', now);
  const paths = [...now.appliedFiles.keys()].filter((path) => !wanted.has(path) && !kept.includes(path));
  const data = belongingsFound('data', now).filter(({ service }) => !services.has(service));
  return [
    ...removal(paths, left('directory')),
    ...(purge && data.length > 0
      ? [{ kind: 'remove-data', paths: data.map(({ name }) => name) } as const]
      : []),
  ];
}

const removal = (paths: readonly string[], directories: readonly string[]): readonly Step[] =>
  paths.length === 0
    ? []
    : [
        { kind: 'remove-files', paths, directories },
        ...(paths.some((path) => path.startsWith('/etc/systemd/system/'))
          ? [{ kind: 'unit', unit: 'systemd', action: 'reload-daemon', record: undefined } as const]
          : []),
      ];

const namesOf = (kind: Belonging['kind'], now: ReachableHost): readonly string[] =>
  belongingsFound(kind, now).map(({ name }) => name);
