import { z } from 'zod';

/** The kinds of words that an inventory is made of. Each is narrow enough to be put into any file or command line. */

export const hostName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a short host name: lower-case letters, digits and hyphens, 63 characters at most',
  );

export const domainName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name such as cloud.example.org, in lower case',
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
