import { z } from 'zod';

const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be the name of an account on the hosts');

const unit = z
  .string()
  .regex(
    /^[A-Za-z0-9:_.@-]{1,200}\.(service|socket|timer)$/,
    'must be a unit with its suffix, such as keystone.service',
  );

/** What lists of paths, one in a line, and programs of the hosts can take: a file in some folder below the root. */
export const pathShape = /^(\/[A-Za-z0-9_.@+:,=~-]+){2,}$/;

const file = z.strictObject({
  owner: account.default('root').describe('Account that it belongs to'),
  group: account.default('root').describe('Group that may read it with mode 0640'),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, "must be octal digits in quotes, such as '0640'")
    .regex(/[0145]$/, 'would let everybody write')
    .default('0644')
    .describe('Its mode: octal digits in quotes'),
  restart: z.array(unit).default([]).describe('Units that are restarted when it changes'),
  reload: z.array(unit).default([]).describe('Units that are reloaded when it changes'),
});

export const ownFilesSettings = z.strictObject({
  files: z
    .record(
      z.string().regex(pathShape, 'must be an absolute path on the hosts, to a file in some folder'),
      file,
    )
    .default({})
    .describe(
      'By path on the hosts: whose files below files/ of the overrides are there, and what reads them. What is not ' +
        "named is root's, 0644, and read by nobody who had to be told",
    ),
});

export type OwnFilesSettings = z.infer<typeof ownFilesSettings>;
