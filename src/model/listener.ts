import type { Role } from './inventory.ts';

/** A socket that a daemon opens on a host's own address. */
export interface Socket {
  readonly host: string;
  readonly service: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** What it is for, in a few words, for the firewall's comment and for error messages. */
  readonly purpose: string;
  /** Who may connect: everyone, every host of this cloud, or the hosts with these addresses. */
  readonly from: 'anyone' | 'cloud' | readonly string[];
  /** On 127.0.0.1 as well, for programs of its own host. */
  readonly isOnLoopback?: boolean;
}

/** An endpoint on a VIP with servers behind it. HAProxy realises it, or Nginx where the VIP's role is `proxy`. */
export interface Listener {
  readonly name: string;
  readonly service: string;
  /** The role whose VIP it is on. */
  readonly role: Role;
  readonly port: number;
  /** `single-writer`: one server takes everything and nothing fails back (Galera). */
  readonly kind: 'http' | 'single-writer';
  readonly servers: readonly ListenerServer[];
  readonly check: ListenerCheck;
  /** Whether clients outside of the cloud use it too: the proxies then offer it on the VIPs of their own. */
  readonly reach: 'cloud' | 'world';
  /**
   * Who may connect to it: everyone, compute nodes and others that no inventory names included, or the hosts of this cloud
   * and the networks that its operator trusts. The firewall of each host that can hold the VIP refuses the rest.
   */
  readonly from: 'anyone' | 'cloud';
  /**
   * POSIX sh for hosts with the VIP, given a server's address and port: prints the ends of its clients' connections that
   * are in the middle of something which must not be cut, though they may say nothing for a while. Absent: none are.
   */
  readonly inTransaction?: string;
  /**
   * Where the check's port says how many servers serve together with this one: 200 and a number. Absent: nowhere, or each
   * serves by itself.
   */
  readonly componentPath?: string;
  /**
   * Where POST tries a password: regular expressions of whole paths. The proxies bound how often one client may. Absent:
   * nowhere.
   */
  readonly signIn?: readonly string[];
  /**
   * What its pages may load, and from where, as directives of a Content-Security-Policy; the proxies tell browsers.
   * Absent: it has no pages.
   */
  readonly pagePolicy?: readonly string[];
  /**
   * Its servers speak TLS with its clients themselves, through whoever stands between: clients verify the name of the VIP by
   * the cloud's own authority. `optional`: one of them may still, or again, be without. Absent: they speak without.
   */
  readonly serversSpeakTls?: 'optional' | 'only';
  /** Files that the proxy serves itself: URL prefix to directory. */
  readonly statics: readonly { readonly prefix: string; readonly directory: string }[];
}

/** One server of an endpoint, on a host's own address. */
export interface ListenerServer {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Processes that serve it; each has to be warm before it answers as quickly as clients expect. */
  readonly processes?: number;
  /**
   * Requests that it works on at a time. More wait at the load balancer, where any server that becomes free takes them
   * and those of clients that gave up are dropped. Absent: it takes all that come.
   */
  readonly slots?: number;
}

/**
 * How it is seen that a server can work. `path` answers `expect` there, and a client who asks for it through the VIP
 * gets the same.
 */
export type ListenerCheck =
  | {
      /** The load balancer asks itself. */
      readonly kind: 'direct';
      /** Where it asks; the server's own port or that of an agent beside it. */
      readonly port: number;
      readonly path: string;
      readonly expect: number;
    }
  | {
      /** A checker on the server's host asks, and tries the database too, which an API's own page says nothing of. */
      readonly kind: 'deep';
      readonly path: string;
      readonly expect: number;
      /** The unit that serves it, and the system user and database account that its processes use. */
      readonly unit: string;
      readonly systemUser: string;
      readonly databaseUser: string;
      /** What is asked of fresh processes before clients are sent to them. Absent: nothing. */
      readonly warmUp?: WarmUp;
    };

/** A request that makes a process load all that real requests need, which takes it seconds. */
type WarmUp =
  /** A list, with a token of the service's own user. */
  | { readonly kind: 'list'; readonly path: string; readonly user: string }
  /** Tokens are made and checked. */
  | { readonly kind: 'token' };

/** The deep checker on each host that serves an API. */
export interface Checker {
  /** The load balancers ask `/LISTENER` there, on the address of the server. */
  readonly port: number;
}

/** What serves a VIP on a host, and how its life is told to Keepalived. */
export interface Front {
  readonly role: Role;
  readonly service: string;
  readonly unit: string;
  /** Holds 0 while the unit serves; anything else, or absence, means that this host must not hold the VIP. */
  readonly trackFile: string;
  /** URL on the host that answers 200 while the unit works, to notice a hang; asked by mcp-vip-watch. */
  readonly aliveUrl: string;
  /** Port of its VIPs with TLS where it sends clients on that come without. Absent: it takes none. */
  readonly plainPort?: number;
  /** Connections that it takes from clients at once. Absent: as many as there are. */
  readonly connections?: number;
  /** HAProxy's admin socket, where the front is an HAProxy. */
  readonly adminSocket: string | undefined;
  /**
   * Name of a program that opens a connection to a server for each request, and closes it with the answer: where there is
   * one, a client waits. Undefined where a front says itself what it works on, or keeps such connections.
   */
  readonly connectsForEachRequest: string | undefined;
}
