import { type Membership, restingIn } from '../model/membership.ts';
import { reachable } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { instancesOf } from '../model/topology.ts';
import { type MaintenanceRequest, silentOthers } from './maintenance-request.ts';
import { membersNeeded, unwellMembers } from './quorum.ts';

/** Why a host can't be taken out now: it does not answer, the hosts are of another mind, or it would be missed. */
export function enteringRefusals(
  request: MaintenanceRequest,
  intent: Membership | undefined,
): readonly Refusal[] {
  const { host, observed, services } = request;
  if (!reachable(observed, host)) return [silentHost(request, 'enters')];
  if (intent === undefined || !isAgreed(request)) return [notAgreed(request)];
  return [
    ...services.flatMap((service) => missedBy(service, request, intent)),
    ...silentOthers(request).map(unseen(request.host)),
  ];
}

export function silentHost({ host, observed }: MaintenanceRequest, verb: 'enters' | 'returns'): Refusal {
  const observation = observed.hosts.get(host);
  const why = observation?.kind === 'unreachable' ? `: ${observation.failure.message}` : '';
  return {
    kind: 'unreachable',
    host,
    message:
      verb === 'enters'
        ? `${host} does not answer: what it has can't be handed over${why}`
        : `${host} does not answer: nothing can come back to it${why}`,
    hint:
      verb === 'enters'
        ? `power it on; to deploy without it, \`mcp deploy --allow-unreachable ${host}\``
        : 'power it on, and run the same command when it answers',
  };
}

/** Whether hosts have on record what the inventory says of who belongs. */
const isAgreed = ({ topology, recorded }: MaintenanceRequest): boolean => {
  const textOf = (hosts: readonly { readonly name: string; readonly roles: readonly string[] }[]) =>
    hosts
      .map(({ name, roles }) => [name, ...[...roles].sort()].join(' '))
      .sort()
      .join('\n');
  return textOf(recorded?.members ?? []) === textOf(topology.hosts);
};

const notAgreed = ({ host, recorded }: MaintenanceRequest): Refusal => ({
  kind: 'degraded',
  host,
  message:
    recorded === undefined
      ? 'no host has on record who belongs to this cloud'
      : 'the inventory and the record on the hosts do not agree about who belongs to this cloud',
  hint: 'run `mcp deploy` first',
});

/** With the host and all that are in maintenance or unwell away, each of its services must still have its quorum. */
function missedBy(
  service: Service,
  { host, topology, observed }: MaintenanceRequest,
  intent: Membership,
): readonly Refusal[] {
  const instances = instancesOf(topology, service.name);
  const isThere = reachable(observed, host)?.belongings.some((each) => each.service === service.name);
  const needed = membersNeeded(service, instances.length);
  if (isThere !== true || needed === 0 || instances.every((each) => each.host.name !== host)) return [];
  const membership = { recorded: intent, all: topology };
  const away = unwellMembers({ service, instances }, { topology, observed, membership });
  const left = instances.length - away.size;
  if (left >= needed) return [];
  const others = [...away].filter(([name]) => name !== host);
  const why = others.map(([name, reason]) => `; ${name}: ${reason}`).join('');
  return [
    {
      kind: 'quorum',
      host,
      message: `${service.title}: without ${host} ${left} of ${instances.length} members would be left, and ${needed} are needed${why}`,
      hint: hintFor(
        others.map(([name]) => name),
        restingIn(intent),
      ),
    },
  ];
}

function hintFor(others: readonly string[], resting: ReadonlyMap<string, unknown>): string {
  const [first] = others.filter((name) => resting.has(name));
  if (first !== undefined) return `bring that one back first: \`mcp maintenance leave ${first}\``;
  return others.length === 0
    ? 'add another member first'
    : `bring ${others.join(' and ')} back first; \`mcp status\` shows what is wrong`;
}

/** What is on a host that does not answer can't be seen. */
const unseen =
  (host: string) =>
  (name: string): Refusal => ({
    kind: 'unreachable',
    host: name,
    message: `${name} does not answer: whether the cloud is well without ${host} can't be seen`,
    hint: `bring ${name} back first`,
  });
