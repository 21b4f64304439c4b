import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { probeName } from './probe.ts';

/** What the dashboard on one host answered when it was asked for its sign-in page. */
export type PageReply =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-installed' }
  | {
      readonly kind: 'answer';
      /** Undefined: it did not answer at all. */
      readonly status: number | undefined;
      readonly hasForm: boolean;
      readonly milliseconds: number;
    };

export function pageReply(observed: ObservedState, host: string): PageReply {
  const output = probeOutput(observed, host, probeName);
  return output === undefined ? { kind: 'unknown' } : parsePage(output);
}

export function parsePage(output: string): PageReply {
  if (output.trim() === 'not-installed') return { kind: 'not-installed' };
  const found = /^status=(\S+) form=(\w+) milliseconds=(\d+)$/m.exec(output);
  if (!found) return { kind: 'unknown' };
  const [, status, form, milliseconds] = found;
  return {
    kind: 'answer',
    status: status === 'none' ? undefined : Number(status),
    hasForm: form === 'yes',
    milliseconds: Number(milliseconds),
  };
}
