import { z } from 'zod';
import type { LockHolder } from '../model/lock.ts';
import type { RunAccount } from '../model/run.ts';

/** What a run has written about itself beside its lock; undefined where that was no run of this version. */
export function holderFrom(text: string): LockHolder | undefined {
  const parsed = holderSchema.safeParse(jsonIn(text));
  return parsed.success ? withoutUnsaid(parsed.data) : undefined;
}

/** What a run has noted about itself on a host; undefined where that was no run of this version. */
export function accountFrom(text: string): RunAccount | undefined {
  const parsed = accountSchema.safeParse(jsonIn(text));
  if (!parsed.success) return undefined;
  const { hosts, changesMembers, ...holder } = parsed.data;
  return { ...withoutUnsaid(holder), hosts, changesMembers };
}

const withoutUnsaid = ({ job, commit, ...holder }: z.infer<typeof holderSchema>): LockHolder => ({
  ...holder,
  ...(job === undefined ? {} : { job }),
  ...(commit === undefined ? {} : { commit }),
});

const holderSchema = z.object({
  run: z.string(),
  verb: z.string(),
  by: z.string(),
  from: z.string(),
  since: z.string(),
  job: z.string().optional(),
  commit: z
    .object({
      // It is handed to git, which must not take it for an option.
      hash: z.string().regex(/^[0-9a-f]{40,64}$/),
      committedAt: z.iso.datetime({ offset: true }),
      dirty: z.boolean(),
    })
    .optional()
    // Who holds a lock is told whatever is wrong with this.
    .catch(undefined),
});

const accountSchema = holderSchema.extend({ hosts: z.array(z.string()), changesMembers: z.boolean() });

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
