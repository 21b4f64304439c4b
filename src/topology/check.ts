import type { Diagnostic } from '../model/diagnostic.ts';
import { type Doubts, isWithin, noDoubts } from '../model/doubts.ts';
import type { Inventory } from '../model/inventory.ts';
import type { CertifiedTopology, Service } from '../model/service.ts';
import { type PlatformOf, resolveTopology } from './resolve.ts';
import {
  addressInUndescribedNetwork,
  addressOutsideNetwork,
  gatewayOfNobody,
  loopbackAddress,
  missingAddress,
  overlappingNetworks,
  sameAddress,
} from './rules/addresses.ts';
import { sharedMachine, sharedRack } from './rules/failure-domains.ts';
import { inspectionOfOurselves } from './rules/inspection.ts';
import { clientsBeyond, habitsOfHosts, jumpHostOfLab, labNamespace, outsiderOfNobody } from './rules/lab.ts';
import { sameName } from './rules/names.ts';
import { samePortOnHost, samePortOnLoopback, samePortOnVip } from './rules/ports.ts';
import { mixedReleases, quorumSize, roleNobodyCarries, tooFewForFailover } from './rules/roles.ts';
import { type ResolvedRule, type Rule, topologyInput } from './rules/rule.ts';
import { serviceMistakes } from './rules/services.ts';
import { encryptedByNobody, mixedEncryption, unnamedGateway } from './rules/tls.ts';
import {
  listenerWithoutVip,
  missingVip,
  sameRouterId,
  vipInUndescribedNetwork,
  vipOfNobody,
  vipOutsideNetwork,
  vipWithoutHosts,
} from './rules/vips.ts';

/** What is true of the parts that are known, whatever else is in doubt. */
const partRules: readonly Rule[] = [
  sameName,
  overlappingNetworks,
  addressInUndescribedNetwork,
  addressOutsideNetwork,
  gatewayOfNobody,
  loopbackAddress,
  sameAddress,
  missingAddress,
  sharedMachine,
  sharedRack,
  mixedReleases,
  vipInUndescribedNetwork,
  vipOutsideNetwork,
  sameRouterId,
  vipOfNobody,
  mixedEncryption,
  labNamespace,
  clientsBeyond,
  jumpHostOfLab,
  habitsOfHosts,
  outsiderOfNobody,
  inspectionOfOurselves,
];

/** What can be said only where all hosts and their roles are known. */
const roleRules: readonly Rule[] = [roleNobodyCarries, quorumSize, tooFewForFailover, vipWithoutHosts];

/** What the services make of all that; what is asked of a service whose settings are in doubt is left out. */
const resolvedRules: readonly ResolvedRule[] = [
  samePortOnHost,
  samePortOnVip,
  samePortOnLoopback,
  encryptedByNobody,
  unnamedGateway,
  serviceMistakes,
];

export interface CheckOptions {
  readonly platformOf: PlatformOf;
  /** What mistakes of shape leave unknown: nothing is said that follows from it. */
  readonly doubts?: Doubts;
  /** What is resolved already of the services that are in no doubt. */
  readonly topology?: CertifiedTopology;
}

/** Holds the rules that span services against an inventory: failure domains, quorums, addresses, VRIDs, ports. */
export function checkTopology(
  inventory: Inventory,
  services: readonly Service[],
  { platformOf, doubts = noDoubts, topology: resolved }: CheckOptions,
): readonly Diagnostic[] {
  const input = topologyInput(inventory, services);
  const known = topologyInput(
    inventory,
    services.filter(({ name }) => !doubts.services.has(name)),
  );
  const topology = resolved ?? resolveTopology(inventory, known.services, platformOf);
  return [
    ...partRules.flatMap((rule) => rule(input)),
    ...(doubts.roles ? [] : roleRules.flatMap((rule) => rule(input))),
    ...(doubts.vips ? [] : [...missingVip(input), ...listenerWithoutVip(topology, input)]),
    ...resolvedRules.flatMap((rule) => rule(topology, known)),
  ].filter(({ path }) => !doubts.parts.some((part) => isWithin(path, part)));
}
