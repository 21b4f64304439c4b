import { type NetworkName, networkNames, type Role, type SshSettings } from './inventory.ts';
import type { Platform } from './platform.ts';

/** A machine or node that answers ssh and carries roles. */
export interface Host {
  readonly name: string;
  /** The physical machine under it: its failure domain. */
  readonly machine: string;
  readonly rack: string | undefined;
  readonly roles: readonly Role[];
  /** Its address in every network, fallbacks to management resolved. */
  readonly addresses: Readonly<Record<NetworkName, string>>;
  /** Its interface in every network, fallbacks resolved. */
  readonly interfaces: Readonly<Record<NetworkName, string>>;
  /** Where its copy for inspection leaves, where that is said for it alone. */
  readonly inspectionInterface?: string | undefined;
  readonly ssh: SshSettings;
  readonly platform: Platform;
}

/** The networks in which a host has an address that is not only its address in the management network, and that one. */
export const networksOf = ({ addresses }: Host): readonly NetworkName[] =>
  networkNames.filter((network) => network === 'management' || addresses[network] !== addresses.management);

/** The networks in which both have an address: elsewhere one has no neighbour, whatever stands in for its address. */
export const networksShared = (one: Host, other: Host): readonly NetworkName[] =>
  networksOf(one).filter((network) => networksOf(other).includes(network));
