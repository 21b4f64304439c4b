import type { Membership } from './membership.ts';

/** One act on one host, as data. It carries no content and no secret: files come from the staged tree on the host. */
export type Step =
  | { readonly kind: 'install-packages'; readonly packages: readonly string[] }
  | {
      readonly kind: 'make-directory';
      readonly path: string;
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
    }
  | {
      readonly kind: 'swap-files';
      readonly paths: readonly string[];
      /**
       * Records (`haproxy-api.service`, `task-sysctl`) to remove before the swap: someone else edited what they stand
       * for, so what runs is unknown, and an interruption between swap and restart must not lose the restart.
       */
      readonly forgets?: readonly string[];
    }
  | {
      readonly kind: 'unit';
      readonly unit: string;
      /** `retire`: stopped, disabled, and its record forgotten, since it is no longer wanted. */
      readonly action:
        | 'start'
        | 'restart'
        | 'reload'
        | 'enable'
        | 'disable-and-stop'
        | 'reload-daemon'
        | 'retire';
      /** Recorded on the host once the action is done. */
      readonly record: { readonly restart: string; readonly reload: string } | undefined;
    }
  | {
      readonly kind: 'bootstrap';
      readonly unit: string;
      readonly title: string;
      readonly script: string;
      readonly record: { readonly restart: string; readonly reload: string };
    }
  | {
      readonly kind: 'task';
      readonly name: string;
      readonly title: string;
      readonly script: string;
      readonly fingerprint: string;
    }
  | {
      /** Files of ours that nothing wants there any more. What was there before our first is put back. */
      readonly kind: 'remove-files';
      readonly paths: readonly string[];
      /** Folders that were made for them; removed where nothing of somebody else's is left in them. */
      readonly directories: readonly string[];
    }
  | {
      /** What services keep on a disk, and nobody else has once it is gone. */
      readonly kind: 'remove-data';
      readonly paths: readonly string[];
    }
  | { readonly kind: 'record-membership'; readonly membership: Membership }
  /** The host is nobody's: the last thing that is done on one that leaves. */
  | { readonly kind: 'release' };

/** The units of services that steps start, stop, restart or reload. */
export const unitsActedOn = (steps: readonly Step[]): ReadonlySet<string> =>
  new Set(
    steps.flatMap((step) => {
      if (step.kind === 'bootstrap') return [step.unit];
      return step.kind === 'unit' && step.action !== 'reload-daemon' && step.action !== 'enable'
        ? [step.unit]
        : [];
    }),
  );

/** A part of leaving or rejoining, resolved from what is observed at that moment. May act on another host than the one that leaves. */
export interface ScriptStep {
  readonly host: string;
  readonly title: string;
  /** POSIX sh, run as root on stdin. */
  readonly script: string;
  readonly timeoutSeconds: number;
}
