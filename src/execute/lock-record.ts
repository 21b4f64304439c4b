import { z } from 'zod';
import type { LockHolder } from '../model/lock.ts';

/** What a run has written about itself beside its lock; undefined where that was no run of this version. */
export function holderFrom(text: string): LockHolder | undefined {
  const parsed = schema.safeParse(jsonIn(text));
  if (!parsed.success) return undefined;
  const { job, ...holder } = parsed.data;
  return job === undefined ? holder : { ...holder, job };
}

const schema = z.object({
  run: z.string(),
  verb: z.string(),
  by: z.string(),
  from: z.string(),
  since: z.string(),
  job: z.string().optional(),
});

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
