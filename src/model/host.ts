import type { NetworkName, Role, SshSettings } from './inventory.ts';
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
  readonly ssh: SshSettings;
  readonly platform: Platform;
}
