import type { PlatformChoice } from './platform.ts';
import type { Secret, Secrets } from './secret.ts';

/** What a machine or node is for; services say which roles they run on. */
export const roles = ['control', 'database', 'messaging', 'proxy'] as const;
export type Role = (typeof roles)[number];

/** `management` is required (ssh, rolling); the others fall back to it. */
export const networkNames = ['management', 'internal', 'public', 'replication'] as const;
export type NetworkName = (typeof networkNames)[number];

/** What the operator wrote, checked for shape: defaults filled in, secrets and certificates read, paths absolute. */
export interface Inventory {
  readonly format: 1;
  /** Absolute path of the inventory file, for messages and for what lies beside it. */
  readonly file: string;
  readonly cloud: string;
  readonly region: string;
  readonly platform: PlatformChoice;
  readonly ssh: SshSettings;
  readonly networks: Readonly<Partial<Record<NetworkName, Network>>> & { readonly management: Network };
  /** Physical machines: each is a failure domain. A machine has roles itself, or it carries nodes that do. */
  readonly machines: readonly Machine[];
  readonly vips: readonly Vip[];
  /** Settings by service name, as the service's own schema parsed them; every known service has an entry. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly secrets: Secrets;
  readonly certificates: Certificates;
  readonly overrides: readonly Override[];
  /** Where the cleartext between load balancers and servers is copied to; undefined: nowhere. */
  readonly inspection: Inspection | undefined;
  readonly lab: LabSettings | undefined;
}

export interface SshSettings {
  readonly user: string;
  readonly port: number;
  /** Absolute paths; empty: the agent and OpenSSH's default keys. */
  readonly identityFiles: readonly string[];
  readonly knownHosts: string;
  /** Network namespace to work in (a management VRF, or the lab). */
  readonly namespace: string | undefined;
  /** One hop, `user@host:port`. */
  readonly jump: { readonly user: string; readonly host: string; readonly port: number } | undefined;
  /** How to become root where `user` is not root. */
  readonly sudo: 'none' | 'passwordless' | 'password';
}

export interface Network {
  readonly cidr: string;
  readonly interface: string;
}

export interface Machine {
  readonly name: string;
  readonly rack: string | undefined;
  /** The hosts that answer ssh: the machine itself (one node of the machine's name), or the nodes it carries. */
  readonly nodes: readonly Node[];
  /** True when the operator wrote `nodes:` (virtual control plane). */
  readonly carriesNodes: boolean;
}

export interface Node {
  readonly name: string;
  readonly addresses: Readonly<Partial<Record<NetworkName, string>>> & { readonly management: string };
  readonly roles: readonly Role[];
  readonly ssh: SshSettings;
  readonly platform: PlatformChoice;
  /** Interface of each network on this node. */
  readonly interfaces: Readonly<Partial<Record<NetworkName, string>>>;
  /** Service settings said for this machine or node alone, raw: merged over `Inventory.services` by the topology. */
  readonly services: Readonly<Record<string, unknown>>;
}

export interface Vip {
  readonly name: string;
  readonly role: Role;
  readonly network: NetworkName;
  readonly address: string;
  /** VRRP virtual router id, 1–255, unique on the network segment. */
  readonly routerId: number;
  readonly hostname: string | undefined;
  readonly tls: boolean;
}

/** PEM texts made by `mcp certs init` or brought by the operator. */
export interface Certificates {
  /** The authority that clients and services trust. */
  readonly authority: string | undefined;
  /** By VIP name. */
  readonly vips: Readonly<Record<string, Certificate>>;
}

/** From then on a certificate that is still good is pointed out. */
export const renewBeforeMilliseconds = 30 * 24 * 60 * 60 * 1000;

export interface Certificate {
  readonly certificate: string;
  readonly key: Secret;
  /** End of validity, milliseconds since the epoch. */
  readonly notAfter: number;
}

/**
 * Something the operator wants different in rendered files, from `overrides/` beside the inventory.
 * `scope` is `all`, a role or a node name; the narrower one wins.
 */
export interface Override {
  readonly scope:
    | { readonly kind: 'all' }
    | { readonly kind: 'role'; readonly role: Role }
    | { readonly kind: 'host'; readonly host: string };
  readonly what:
    | { readonly kind: 'merge-ini'; readonly path: string; readonly content: string }
    | { readonly kind: 'append'; readonly path: string; readonly content: string }
    | { readonly kind: 'replace-template'; readonly template: string; readonly content: string };
  /** The file that says so, absolute. */
  readonly source: string;
}

/** A host of the security domain that gets to see what is behind TLS. It is not one of ours. */
export interface Inspection {
  readonly address: string;
  /** Interface of our hosts through which the copy leaves; undefined: that of the management network. */
  readonly interface: string | undefined;
}

/** An inventory with this section can be brought up as a lab on one machine (`mcp lab up`). */
export interface LabSettings {
  /** Network namespace and name prefix of everything that the lab makes. */
  readonly name: string;
  /** Absolute folder of images, hosts and keys. */
  readonly directory: string;
  readonly image: 'stocked' | 'bare';
  /** Folders that all hosts see the same of, as a file server would give them. */
  readonly shared: readonly string[];
  /** Folders that have a file system of their own on hosts of a role. */
  readonly disks?: Readonly<Partial<Record<Role, readonly string[]>>>;
  /** A host that belongs to nobody's cloud and records what is copied to it. */
  readonly recorder: { readonly name: string; readonly address: string } | undefined;
  /** Addresses in the management network of those who are there and belong to nobody's cloud, by name. */
  readonly outsiders?: Readonly<Record<string, string>>;
}
