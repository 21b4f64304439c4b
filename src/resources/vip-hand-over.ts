import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Role } from '../model/inventory.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import { programWith } from '../model/shell-program.ts';
import type { ScriptStep } from '../model/step.ts';
import { isBeside, portsOf, type ResolvedVip, type Topology } from '../model/topology.ts';
import answersText from './vip-answers.sh';
import canBeTakenText from './vip-can-be-taken.sh';
import { handOverScript, handOverTable, heardAgainSeconds, type InFlight } from './vip-hand-over-script.ts';
import { marksDirectory, vipMark, vrrpStateFile } from './vip-marks.ts';

/** The hosts that had the VIP's address when they were observed: one, unless something is wrong. */
export const holdersOf = (vip: ResolvedVip, observed: ObservedState): readonly string[] =>
  vip.candidates
    .map(({ name }) => name)
    .filter((name) => reachable(observed, name)?.addresses.includes(vip.address));

/**
 * What makes `host` give up the VIPs of `roles`, so that what serves them there can be restarted without a failed
 * request, and keeps it from taking them until `joinVips`. Throws McpError `gate-red` where nobody else could hold one.
 */
export function leaveVips(
  { host, roles }: { readonly host: Host; readonly roles: readonly Role[] },
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  return candidacies(topology, host, roles).flatMap((vip) =>
    holdersOf(vip, observed).includes(host.name)
      ? handOver(vip, host.name, topology, observed)
      : [{ host: host.name, title: `keep ${vip.name} away`, script: markScript(vip, 1), timeoutSeconds: 10 }],
  );
}

/** What lets `host` hold the VIPs of `roles` again; it takes none of them from another. Safe to repeat. */
export const joinVips = (
  { host, roles }: { readonly host: Host; readonly roles: readonly Role[] },
  topology: Topology,
): readonly ScriptStep[] =>
  candidacies(topology, host, roles).map((vip) => ({
    host: host.name,
    title: `allow ${vip.name} again`,
    script: `nft delete table inet ${handOverTable} 2>/dev/null || :\n${markScript(vip, 0)}`,
    timeoutSeconds: 10,
  }));

/** Moves `vip` from `holder` to the best of the others, and sees that it answers there. */
export function handOver(
  vip: ResolvedVip,
  holder: string,
  topology: Topology,
  observed: ObservedState,
): readonly ScriptStep[] {
  const heir = heirOf(vip, holder, topology, observed);
  const ports = portsOf(vip, topology);
  return [
    { host: heir, title: `can take ${vip.name}`, script: ableScript(vip), timeoutSeconds: 20 },
    {
      host: holder,
      title: `hand ${vip.name} over to ${heir}`,
      script: handOverScript(vip, inFlightOn(vip, topology)),
      timeoutSeconds: 30,
    },
    ...(ports.length === 0
      ? []
      : [
          {
            host: witnessOf(vip, heir, topology, observed),
            title: `${vip.name} answers on ${vip.address}:${ports.join(' or ')}`,
            script: answersScript(vip.address, ports),
            timeoutSeconds: answersWithinSeconds + 10,
          },
        ]),
  ];
}

function inFlightOn({ role }: ResolvedVip, topology: Topology): InFlight {
  const listeners = topology.listeners.filter((listener) => listener.role === role);
  const front = topology.fronts.find((each) => each.role === role);
  const writing = listeners.find(({ kind }) => kind === 'single-writer');
  if (writing !== undefined) {
    const { inTransaction } = writing;
    // Between two transactions of a request APIs take their connection out anew, and look whether it still works.
    return { kind: 'sessions', quietMilliseconds: 120, adminSocket: front?.adminSocket, inTransaction };
  }
  if (front?.adminSocket !== undefined) {
    const { adminSocket } = front;
    return {
      kind: 'haproxy',
      adminSocket,
      listeners: listeners.map(({ name }) => name),
      quietMilliseconds: 50,
    };
  }
  if (front?.connectsForEachRequest === undefined) return { kind: 'connections', quietMilliseconds: 1000 };
  const vips = topology.vips.filter((vip) => vip.role === role).map(({ address }) => address);
  return { kind: 'proxy', program: front.connectsForEachRequest, vips, quietMilliseconds: 1000 };
}

const candidacies = (topology: Topology, host: Host, roles: readonly Role[]): readonly ResolvedVip[] =>
  topology.vips.filter(
    ({ role, candidates }) => roles.includes(role) && candidates.some(({ name }) => name === host.name),
  );

/** Priorities follow the order of the candidates, so the first one that runs will take it. */
function heirOf(vip: ResolvedVip, holder: string, topology: Topology, observed: ObservedState): string {
  const front = topology.fronts.find(({ role }) => role === vip.role);
  const needed = ['keepalived.service', ...(front ? [front.unit] : [])];
  const heir = vip.candidates.find(({ name }) => {
    const units = reachable(observed, name)?.units;
    return name !== holder && needed.every((unit) => units?.get(unit)?.activeState === 'active');
  });
  if (heir) return heir.name;
  throw new McpError('gate-red', `${holder} holds ${vip.name} and no other host could take it`, {
    host: holder,
    hint: `Bring another of ${vip.candidates.map(({ name }) => name).join(', ')} up first.`,
  });
}

/** Whoever looks should be neither the old nor the new holder, where there is such a host in the VIP's network. */
function witnessOf(vip: ResolvedVip, heir: string, topology: Topology, observed: ObservedState): string {
  const holders = [heir, ...holdersOf(vip, observed)];
  const others = topology.hosts.filter(
    (host) => isBeside(host, vip) && !holders.includes(host.name) && reachable(observed, host.name),
  );
  return others[0]?.name ?? heir;
}

// Renamed into place, so that Keepalived never reads half a file.
export const markScript = (vip: ResolvedVip, value: 0 | 1): string =>
  `mkdir -p ${marksDirectory}
echo ${value} >${vipMark(vip)}.new && mv ${vipMark(vip)}.new ${vipMark(vip)}
`;

const ableScript = (vip: ResolvedVip): string =>
  programWith(canBeTakenText, { values: { name: vip.name, state_file: vrrpStateFile(vip) } });

const answersScript = (address: string, ports: readonly number[]): string =>
  programWith(answersText, {
    values: {
      address,
      ports: ports.join(' '),
      within_seconds: answersWithinSeconds,
      heard_again_seconds: heardAgainSeconds,
    },
  });

const answersWithinSeconds = 25;
