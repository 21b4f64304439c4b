import type { DesiredState } from '../model/desired.ts';
import type { Plan } from '../model/plan.ts';
import type { Resource } from '../model/resource.ts';
import type { SavedPlan } from '../model/saved-plan.ts';
import type { ToldBatch, ToldPlan, ToldStep } from '../model/told-plan.ts';
import { toldPlan } from '../model/told-plan.ts';
import type { Topology } from '../model/topology.ts';

/** Hash of a text that says nothing to whoever lacks the key: what a file holds can't be guessed from it. */
export type KeyedHash = (text: string) => string;

/** A plan to be saved, its hashes keyed. */
export function planToSave(plan: Plan, keyed: KeyedHash): ToldPlan {
  const told = toldPlan(plan);
  return {
    ...told,
    changes: told.changes.map((change) => ({
      ...change,
      before: change.before === undefined ? undefined : keyed(change.before),
      after: keyed(change.after),
    })),
  };
}

/** What a plan is made from on this side, hashed: what each host should have, and (under the empty name) who they are. */
export function inputsOf(
  { topology, desired }: { readonly topology: Topology; readonly desired: DesiredState },
  keyed: KeyedHash,
): SavedPlan['inputs'] {
  const hosts = topology.hosts.map(({ name, machine, rack, roles, addresses, interfaces }) => ({
    ...{ name, machine, rack, roles, addresses, interfaces },
  }));
  const vips = topology.vips.map(({ candidates, ...vip }) => ({
    ...vip,
    candidates: candidates.map(({ name }) => name),
  }));
  const cloud = keyed(JSON.stringify({ cloud: topology.cloud, region: topology.region, hosts, vips }));
  const described = [...desired.hosts.values()].map(({ host, services }) => [
    host,
    keyed(JSON.stringify(services.map(({ service, resources }) => [service, resources.map(meaningOf)]))),
  ]);
  return { '': cloud, ...Object.fromEntries(described) };
}

/** Where a file comes from depends on who looks, and from where. */
function meaningOf(resource: Resource): object {
  if (resource.kind !== 'file') return resource;
  const { template: _template, overrides: _overrides, readAtStart, ...file } = resource;
  return { ...file, readAtStart: readAtStart?.source };
}

/** What a saved plan is held against: the same plan, made anew at this moment. */
export interface PlannedNow {
  readonly program: string;
  readonly inputs: SavedPlan['inputs'];
  /** Its hashes keyed as those of the saved one. */
  readonly plan: ToldPlan;
}

/**
 * Why a saved plan can't be carried out any more, a sentence each. Empty: all that is due now is part of it, and each of
 * its files is as it was or as it will be, so that one that was begun can be taken up. Who holds a VIP and who is the
 * writer moves by itself and makes no plan stale: the order goes by what is so now.
 */
export function outdatedBy(saved: SavedPlan, now: PlannedNow): readonly string[] {
  if (saved.program !== now.program) {
    return [`it was made by mcp ${saved.program}, and this is ${now.program}`];
  }
  const inputs = changedInputs(saved, now);
  if (inputs.length > 0) return inputs;
  return [
    ...otherAbsences(saved.plan, now.plan),
    ...changedFiles(saved.plan, now.plan),
    ...newActs(saved.plan, now.plan),
  ];
}

function changedInputs({ inputs: then }: SavedPlan, { inputs: now }: PlannedNow): readonly string[] {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  return names
    .filter((name) => then[name] !== now[name])
    .map((name) => {
      if (name === '') return 'the hosts or VIPs of the inventory have changed since';
      if (now[name] === undefined) return `${name} is not in the inventory any more`;
      if (then[name] === undefined) return `${name} was not in the inventory`;
      return `what ${name} should have has changed since (inventory, overrides, secrets, certificates or mcp's templates)`;
    });
}

/** Who is left out, and who goes. */
function otherAbsences(then: ToldPlan, now: ToldPlan): readonly string[] {
  const missedThen = new Set(then.missing.map(({ host }) => host));
  const missedNow = new Set(now.missing.map(({ host }) => host));
  const going = new Set(then.departures.map(({ host, kind }) => `${host} ${kind}`));
  return [
    ...[...missedNow]
      .filter((host) => !missedThen.has(host))
      .map((host) => `${host} was to take part, and is left out now`),
    ...[...missedThen]
      .filter((host) => !missedNow.has(host))
      .map((host) => `${host} was left out, and is back`),
    ...now.departures
      .filter(({ host, kind }) => !going.has(`${host} ${kind}`))
      .map(({ host }) => `${host} was not to leave in that way`),
  ];
}

function changedFiles(then: ToldPlan, now: ToldPlan): readonly string[] {
  return now.changes.flatMap(({ host, path, before }) => {
    const planned = then.changes.find((change) => change.host === host && change.path === path);
    if (planned === undefined) return [`${host}: ${path} was as it should be, and is not any more`];
    return planned.before === before ? [] : [`${host}: ${path} is neither as it was nor as it will be`];
  });
}

/** Acts that are due now and were not part of the plan. */
function newActs(then: ToldPlan, now: ToldPlan): readonly string[] {
  const planned = new Set(
    everyAct(then.batches).flatMap(({ host, acts, part }) => [...acts, part].map((act) => `${host} ${act}`)),
  );
  return everyAct(now.batches).flatMap(({ host, acts, part }) =>
    // Nothing to do but to return to work, since an earlier run was cut off while it was out.
    (acts.length === 0 ? [part] : acts)
      .filter((act) => !planned.has(`${host} ${act}`))
      .map((act) => `${host}: ${act} is due now, and was not part of it`),
  );
}

interface HostActs {
  readonly host: string;
  readonly acts: readonly string[];
  /** Whatever it does there for a service. */
  readonly part: string;
}

/** In words. */
const everyAct = (batches: readonly ToldBatch[]): readonly HostActs[] =>
  batches.flatMap(({ service, hosts, leaving }) => [
    ...hosts.map(({ host, steps }) => ({ host, acts: steps.flatMap(actsOf), part: `work of ${service}` })),
    ...leaving.map((host) => ({ host, acts: [`the end of ${service}`], part: `work of ${service}` })),
  ]);

/**
 * A unit that was to be restarted may be down by now, since an earlier run was cut off there: to start it is the same
 * work. Files are judged by what they are, and that systemd reads its own again is part of any work.
 */
function actsOf(step: ToldStep): readonly string[] {
  switch (step.kind) {
    case 'install-packages':
      return step.packages.map((name) => `package ${name}`);
    case 'make-directory':
      return [`directory ${step.path} ${step.mode} ${step.owner}:${step.group}`];
    case 'swap-files':
      return [];
    case 'unit':
      return step.action === 'reload-daemon' ? [] : [`${actionsAlike[step.action]} of ${step.unit}`];
    case 'bootstrap':
      return [`${actionsAlike.start} of ${step.unit}`, step.title];
    case 'task':
      return [`task ${step.name}`];
    case 'remove-files':
      return step.paths.map((path) => `removal of ${path}`);
    case 'remove-data':
      return step.paths.map((path) => `removal of the data in ${path}`);
    case 'record-membership':
      return [`record of ${step.membership.members.map(({ name }) => name).join(', ')} as members`];
    case 'release':
      return ['release'];
  }
}

const actionsAlike = {
  start: 'start',
  restart: 'start',
  reload: 'reload',
  enable: 'enabling',
  'disable-and-stop': 'end',
  retire: 'end',
} as const;
