/**
 * A value that must never be shown: passwords, keys, cookies. Printing, logging or serialising it gives `***`.
 * Only rendering (into files that are 0600/0640), transport (on stdin) and masking may `reveal()` it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/** What a service asks `mcp secrets init` to make. `name` is `service.purpose`, for example `galera.sst`. */
export type SecretSpec =
  | {
      readonly name: string;
      /** `password`: letters and digits, safe in any file. `cookie`: upper-case letters (Erlang). `hex-key`: bytes as hex. */
      readonly kind: 'password' | 'cookie' | 'hex-key';
      /** Characters of the result. */
      readonly length: number;
    }
  | {
      readonly name: string;
      /** 32 bytes in URL-safe base64, as Keystone keeps its keys. */
      readonly kind: 'fernet-key';
    };

/**
 * Keys that take turns, so that none is used before every host has it and none is gone while something it protects is
 * in use: `mcp secrets rotate NAME` gives each place of the chain the value of the next, and the last a new one.
 */
export interface Rotation {
  /** What the operator types: `fernet`. */
  readonly name: string;
  /** Names of the secrets, from the one that goes to the one that comes next. */
  readonly chain: readonly string[];
  readonly renewed: SecretSpec;
  /** Minutes between two rotations: sooner, something that was made with the oldest key is still in use. */
  readonly restMinutes: number;
}

/** The secrets of one cloud, by name. */
export type Secrets = ReadonlyMap<string, Secret>;

/** The secret `name`; its absence is a bug, since loading an inventory reports each missing one. */
export function secretOf(secrets: Secrets, name: string): Secret {
  const secret = secrets.get(name);
  if (!secret) throw new Error(`secret ${name} was not loaded`);
  return secret;
}
