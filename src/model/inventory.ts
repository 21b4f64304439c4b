import type { Certificates } from './certificate.ts';
import type { PlatformChoice } from './platform.ts';
import type { Secrets } from './secret.ts';

/** Looked for in the working folder, where nothing names an inventory. */
export const usualInventories = ['inventory.yaml', 'cloud.yaml'] as const;

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
  /** Address of its router: who can tell whether a host is cut off where there is only one other host. */
  readonly gateway?: string | undefined;
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
  /** Interface of each network on this node, and the one through which the copy for inspection leaves. */
  readonly interfaces: Readonly<Partial<Record<NetworkName | 'inspection', string>>>;
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
    | { readonly kind: 'replace-template'; readonly template: string; readonly content: string }
    /** A file of the operator's, which no service of ours has. */
    | { readonly kind: 'own-file'; readonly path: string; readonly content: string };
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
  /** Addresses of those who are there and belong to nobody's cloud, by name. */
  readonly outsiders?: Readonly<Record<string, string>>;
  /** A network of its own from which outsiders reach the hosts through the lab's router alone. */
  readonly clients?: string;
  /** Of whoever logs in to the hosts and is not root; sudo asks for it. */
  readonly password?: string;
  /** What is peculiar about some hosts, by name. */
  readonly habits?: Readonly<Record<string, HostHabits>>;
}

/** What whoever installed a host before us has made of it. */
export interface HostHabits {
  /** Locale of the host, as `de_DE.UTF-8`. */
  readonly language?: string | undefined;
  /** Octal, of whoever logs in. */
  readonly umask?: string | undefined;
  /** Login shell of whoever logs in. */
  readonly shell?: 'bash' | 'fish' | undefined;
  /** What the login shell says each time. */
  readonly greeting?: string | undefined;
  /** Nothing below /tmp can be executed. */
  readonly tmpNoexec?: boolean | undefined;
  /** /etc/hosts as cloud-init writes it, the host's own name at 127.0.1.1 first. */
  readonly cloudInitHosts?: boolean | undefined;
  /** A second name of its card in the management network. */
  readonly altname?: string | undefined;
}
