import type { SecretSpec } from '../../model/secret.ts';

/** A password for each of these names, as long as a login may be asked to have. */
export const passwords = (...names: readonly string[]): readonly SecretSpec[] =>
  names.map((name) => ({ name, kind: 'password', length: 32 }));

/** The same for users of Keystone and of RabbitMQ, which know one password a user. */
export const logins = (...names: readonly string[]): readonly SecretSpec[] =>
  names.map((name) => ({ name, kind: 'login', length: 32 }));
