/**
 * A value that must never be shown: passwords, keys, cookies. Printing, logging or serialising it gives `***`.
 * Only rendering (into files that are 0600/0640), transport (on stdin) and masking may `reveal()` it.
 */
export class Secret {
  readonly #value: string;
  /** Which of the two names of its login it belongs to. */
  readonly turn: Turn;

  constructor(value: string, turn: Turn = 'first') {
    this.#value = value;
    this.turn = turn;
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

/** What stands in the secrets file beside the password of a login whose name has had a turn. */
export type Turn = 'first' | 'second';

/**
 * The name that a login with this password has now. A server that knows one password a user can't take an old and a new
 * one: with a new password such a login takes its other name, and the former user goes when nobody uses it any more.
 */
export const loginName = (user: string, { turn }: Secret): string => namesOf(user)[turn];

/** The name that it had before, or will have next. */
export const otherLoginName = (user: string, { turn }: Secret): string =>
  namesOf(user)[turn === 'first' ? 'second' : 'first'];

const namesOf = (user: string): Readonly<Record<Turn, string>> => ({ first: user, second: `${user}_2` });

/** What a service asks `mcp secrets init` to make. `name` is `service.purpose`, for example `galera.sst`. */
export type SecretSpec =
  | {
      readonly name: string;
      /**
       * `password`: letters and digits, safe in any file. `login`: the same, of a user with two names in turn. `cookie`:
       * upper-case letters (Erlang). `hex-key`: bytes as hex.
       */
      readonly kind: 'password' | 'login' | 'cookie' | 'hex-key';
      /** Characters of the result. */
      readonly length: number;
    }
  | {
      readonly name: string;
      /** 32 bytes in URL-safe base64, as Keystone keeps its keys. */
      readonly kind: 'fernet-key';
    };

/**
 * What `mcp secrets rotate NAME` does: each place of the chain gets the value of the next, and the last a new one. Keys that
 * take turns are a chain of several, so that none is used before every host has it and none is gone while something it
 * protects is in use; any other secret is a chain of one.
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
