import type { SecretSpec } from '../../model/secret.ts';

/** A password for each of these names, as long as a login may be asked to have. */
export const passwords = (names: Readonly<Record<string, string>>): readonly SecretSpec[] =>
  Object.values(names).map((name) => ({ name, kind: 'password', length: 32 }));
