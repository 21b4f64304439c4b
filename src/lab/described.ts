import type { HostHabits, LabSettings, SshSettings } from '../model/inventory.ts';
import type { Release } from '../model/release.ts';
import type { Segment } from './segments.ts';

/** Everything about a lab that follows from its inventory alone; kept beside the lab so that any later command agrees. */
export interface LabDescription {
  readonly name: string;
  /** The inventory that the lab was brought up from. */
  readonly inventory: string;
  /** Images, keys and saved states, shared by all labs that name the same folder. */
  readonly directory: string;
  /** This lab's own folder, removed by `down`. */
  readonly folder: string;
  readonly imageKind: LabSettings['image'];
  readonly release: Release;
  readonly identityFile: string;
  readonly knownHosts: string;
  /** Addresses with prefix length of the controller's end of the wire, one a network. */
  readonly controller: readonly string[];
  /** Absent in the record of a lab that an earlier version brought up: one wire. */
  readonly segments?: readonly Segment[];
  /** What the hosts' image has besides what every one has. */
  readonly extras?: ImageExtras;
  readonly hosts: readonly LabHost[];
  /** Absent in the record of a lab that an earlier version brought up. */
  readonly outsiders?: readonly LabOutsider[];
  /** Folders of this machine that every host has mounted, and where. */
  readonly shared: readonly { readonly folder: string; readonly path: string }[];
  readonly vips: Readonly<Record<string, string>>;
}

/** What hosts have before anything is deployed, and only where an inventory asks for it. */
export interface ImageExtras {
  readonly packages: readonly string[];
  /** Locales, as `de_DE.UTF-8`. */
  readonly languages: readonly string[];
}

export interface LabHost {
  readonly name: string;
  /** The physical machine it is, or is on. */
  readonly machine: string;
  /** Management address. */
  readonly address: string;
  readonly sshPort: number;
  readonly folder: string;
  readonly links: readonly Link[];
  /** Folders that have a file system of their own. */
  readonly disks?: readonly string[];
  /** It belongs to nobody's cloud, and records what arrives at it. */
  readonly isRecorder?: true;
  /** Who else than root may log in. */
  readonly login?: LabLogin;
  readonly habits?: HostHabits;
}

/** A user of a host who is not root. */
export interface LabLogin {
  readonly user: string;
  readonly sudo: SshSettings['sudo'];
  readonly password: string;
  /** Address of the jump host: whoever comes from elsewhere is not let in. */
  readonly from?: string;
}

/** Who is on a switch of the lab and no host: a network namespace in which programs of this machine run. */
export interface LabOutsider {
  readonly name: string;
  /** With prefix length. */
  readonly address: string;
  readonly namespace: string;
  /** Of the lab's switch. */
  readonly port: string;
  /** Which switch; absent: the first. */
  readonly bridge?: string;
  /** Whom it asks for the way to the lab's other wires. */
  readonly gateway?: string;
}

/** One network card of a host and the port of the lab's switch that its cable is in. */
export interface Link {
  readonly interface: string;
  readonly port: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** Which switch; absent: the first. */
  readonly bridge?: string;
  /** Where the host sends what is for none of its own networks. */
  readonly gateway?: string;
  /** A second name of the card. */
  readonly alias?: string;
}
