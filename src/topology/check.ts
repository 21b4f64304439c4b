import type { Diagnostic } from '../model/diagnostic.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import { type PlatformOf, resolveTopology } from './resolve.ts';
import {
  addressInUndescribedNetwork,
  addressOutsideNetwork,
  missingAddress,
  overlappingNetworks,
  sameAddress,
} from './rules/addresses.ts';
import { sharedMachine, sharedRack } from './rules/failure-domains.ts';
import { inspectionOfOurselves } from './rules/inspection.ts';
import { labNamespace, outsiderOfNobody } from './rules/lab.ts';
import { sameName } from './rules/names.ts';
import { samePortOnHost, samePortOnVip } from './rules/ports.ts';
import { quorumSize, roleNobodyCarries, tooFewForFailover } from './rules/roles.ts';
import { type ResolvedRule, type Rule, topologyInput } from './rules/rule.ts';
import { serviceMistakes } from './rules/services.ts';
import {
  listenerWithoutVip,
  missingVip,
  sameRouterId,
  unnamedGateway,
  vipOutsideNetwork,
  vipWithoutHosts,
} from './rules/vips.ts';

/** What is true of the parts that are known, whatever else was left out. */
const partRules: readonly Rule[] = [
  sameName,
  overlappingNetworks,
  addressInUndescribedNetwork,
  addressOutsideNetwork,
  sameAddress,
  sharedMachine,
  sharedRack,
  vipOutsideNetwork,
  sameRouterId,
  labNamespace,
  outsiderOfNobody,
  inspectionOfOurselves,
];

/** What can be said only of an inventory with all its machines and VIPs. */
const wholeRules: readonly Rule[] = [
  missingAddress,
  roleNobodyCarries,
  quorumSize,
  tooFewForFailover,
  vipWithoutHosts,
  missingVip,
];

/** What the services themselves must be asked for; they may rely on all of the above. */
const resolvedRules: readonly ResolvedRule[] = [
  listenerWithoutVip,
  samePortOnHost,
  samePortOnVip,
  serviceMistakes,
  unnamedGateway,
];

export interface CheckOptions {
  readonly platformOf: PlatformOf;
  /** Whether mistakes of shape left parts of the inventory out: then nothing is said about the whole. */
  readonly isIncomplete?: boolean;
}

/** Holds the rules that span services against an inventory: failure domains, quorums, addresses, VRIDs, ports. */
export function checkTopology(
  inventory: Inventory,
  services: readonly Service[],
  { platformOf, isIncomplete = false }: CheckOptions,
): readonly Diagnostic[] {
  const input = topologyInput(inventory, services);
  const ofParts = partRules.flatMap((rule) => rule(input));
  if (isIncomplete) return ofParts;
  const ofWhole = wholeRules.flatMap((rule) => rule(input));
  if (ofWhole.some(({ severity }) => severity === 'error')) return [...ofParts, ...ofWhole];
  const topology = resolveTopology(inventory, services, platformOf);
  return [...ofParts, ...ofWhole, ...resolvedRules.flatMap((rule) => rule(topology, input))];
}
