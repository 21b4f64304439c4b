/** Where services exchange messages: the members of the broker, each of which a client may use. */
export interface Broker {
  readonly members: readonly { readonly host: string; readonly address: string; readonly port: number }[];
  readonly virtualHost: string;
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
