import type { ObservedState } from './observed.ts';

/** Something the drill breaks on purpose. */
export interface Fault {
  /** `galera-writer-killed`: what the operator types. */
  readonly name: string;
  readonly title: string;
  /** The host it hits, resolved when it is about to: the writer, the holder of a VIP. Undefined: can't be told now. */
  target(observed: ObservedState): string | undefined;
  readonly act:
    | { readonly kind: 'power-cut' }
    | {
        readonly kind: 'script';
        /** POSIX sh, run as root on the target. */
        readonly break: string;
        /** Undoes it; armed on the target with a timer before the fault, and safe to run when nothing is broken. */
        readonly heal: string;
      };
  /** Seconds until the armed healing runs, or power comes back. */
  readonly lastsSeconds: number;
  /** Longest outage allowed by endpoint, milliseconds; an endpoint that is not named must see none. */
  readonly budgets: Readonly<Partial<Record<Endpoint, number>>>;
  /** Longest second outage allowed, when a member returns. */
  readonly secondBudgetMilliseconds: number;
}

/** What the drill's probe looks at all the while. */
export type Endpoint = 'vip' | 'page' | 'sql' | 'amqp';
