import { z } from 'zod';

/** The kinds of words that an inventory is made of. Each is narrow enough to be put into any file or command line. */

/**
 * Resolvers take numbers for addresses (`10` is 0.0.0.10, `0x10` is 0.0.0.16), and localhost is every host itself. The last
 * label decides.
 */
const notTaken = (pattern: RegExp) =>
  z.string().regex(pattern, 'means something else to whoever looks it up: take a name with letters');

export const hostName = notTaken(/^(?!(localhost|[0-9]+|0x[0-9a-f]*)$)/).regex(
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'must be a short host name: lower-case letters, digits and hyphens, 63 characters at most',
);

export const domainName = notTaken(/^(?!(.*\.)?(localhost|[0-9]+|0x[0-9a-f]*)$)/)
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name such as cloud.example.org, in lower case',
  );

/** Galera names its group after the cloud, and its joiners fail on a name of more than 32 characters. */
export const cloudName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/,
    'must be a short name: lower-case letters, digits and hyphens, 32 characters at most',
  );

export const word = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
    'must begin with a letter or digit and hold only letters, digits, dots, hyphens and underscores',
  );

export const interfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/,
    'must be the name of a network interface, 15 characters at most',
  );

export const path = z.string().min(1, 'must be a path');

export const port = z.int().min(1).max(65535);
