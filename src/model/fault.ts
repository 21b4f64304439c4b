import type { ObservedState } from './observed.ts';

/** Something the drill breaks on purpose. */
export interface Fault {
  /** `galera-writer-killed`: what the operator types. */
  readonly name: string;
  readonly title: string;
  /** What each of its blows is: with power to cut, it is only for hosts whose plug is within reach. */
  readonly kind: Act['kind'];
  /** Clients are without something for as long as it lasts, or it costs hours where data is large: only done when named. */
  readonly onlyByName?: true;
  /** Whom it hits, resolved when it is about to: the writer, the holder of a VIP. Undefined: can't be told now. */
  strike(observed: ObservedState): Strike | undefined;
  /** Seconds from the arming until the armed healing runs, or power comes back. */
  readonly lastsSeconds: number;
  /** Seconds that everything has to be healthy in after that; 180 where none are said. */
  readonly healthyWithinSeconds?: number;
  /** Longest outage allowed by endpoint, milliseconds; an endpoint that is not named must see none. */
  readonly budgets: Readonly<Partial<Record<Endpoint, number>>>;
  /** Of single VIPs, by name, where `budgets.vip` is not theirs. */
  readonly vipBudgets?: Readonly<Record<string, number>>;
  /** Longest second outage allowed, when a member returns. */
  readonly secondBudgetMilliseconds: number;
}

/** What is done to hosts: all at once, or each after the one before it is over. No host is hit twice. */
export interface Strike {
  readonly falls: 'at-once' | 'in-turn';
  readonly blows: readonly Blow[];
}

export interface Blow {
  readonly host: string;
  readonly act: Act;
}

export type Act =
  | { readonly kind: 'power-cut' }
  | {
      readonly kind: 'script';
      /** POSIX sh, run as root on the host. */
      readonly break: string;
      /** Seconds that it may take; 30 where none are said. */
      readonly breakWithinSeconds?: number;
      /** Undoes it; armed on the host with a timer before the first blow, and safe to run when nothing is broken. */
      readonly heal: string;
    }
  | {
      /** An orderly one; it is over when the host is off. Its power returns as after a cut. */
      readonly kind: 'shutdown';
      /** Run once when the host has booted again, for what does not begin again by itself; safe when nothing is broken. */
      readonly heal: string;
    };

/** What the drill's probe looks at all the while. */
export type Endpoint = 'vip' | 'page' | 'sql' | 'amqp';

/** A strike of one host. */
export const strikeOn = (host: string | undefined, act: Act): Strike | undefined =>
  host === undefined ? undefined : { falls: 'at-once', blows: [{ host, act }] };

export const hostsOf = ({ blows }: Strike): readonly string[] => blows.map(({ host }) => host);

/** Whether it takes a plug, which hosts outside of a lab have none within reach. */
export const needsPlug = ({ kind }: Pick<Fault, 'kind'>): boolean => kind !== 'script';
