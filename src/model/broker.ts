/** Where services exchange messages: the members of the broker, each of which a client may use. */
export interface Broker {
  readonly members: readonly { readonly host: string; readonly address: string; readonly port: number }[];
  /** Whether clients speak TLS at those ports, and verify the members by the cloud's own authority. */
  readonly tls: boolean;
  readonly virtualHost: string;
  /**
   * Where they tell what has happened, in quorum queues; undefined: among the calls, in queues that the broker mirrors by
   * their names.
   */
  readonly notifications: { readonly virtualHost: string } | undefined;
  readonly user: string;
  /** Name of the secret with the user's password. */
  readonly secret: string;
}

/** A cache that services share. What is in it may be lost at any time. */
export interface Cache {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}
