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

/** The secrets of one cloud, by name. */
export type Secrets = ReadonlyMap<string, Secret>;

/** The secret `name`; its absence is a bug, since loading an inventory reports each missing one. */
export function secretOf(secrets: Secrets, name: string): Secret {
  const secret = secrets.get(name);
  if (!secret) throw new Error(`secret ${name} was not loaded`);
  return secret;
}
