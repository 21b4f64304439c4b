import type { Finding, Health } from '../model/check.ts';
import type { HostLock, SeenLock } from '../model/lock.ts';
import type { Plan } from '../model/plan.ts';
import type { PlanOptions } from '../model/plan-options.ts';
import type { KnownRun } from '../model/run.ts';
import type { Secret } from '../model/secret.ts';
import type { DeployOptions } from '../workflows/deploy.ts';
import type { History } from '../workflows/history.ts';
import type { BreakWishes } from '../workflows/lock.ts';
import type { MaintenanceOptions, RestingHost } from '../workflows/maintenance.ts';
import type { Planned } from '../workflows/plan.ts';
import type { PreparedRecovery, RecoverOptions } from '../workflows/recover.ts';
import type { PreparedRollback, RollbackOptions } from '../workflows/rollback.ts';
import type { Status } from '../workflows/status.ts';

/** What the verbs about a cloud ask of the workflows; tests hand in their own. */
export interface Deployer {
  /**
   * Does `work` with the cloud of an inventory and its hosts within reach, and resolves with the exit code. Where the
   * hosts are in a network namespace this process is not in, a second self does all of it there.
   */
  withCloud(
    inventory: string,
    work: (cloud: OpenCloud) => Promise<number>,
    leniency?: Leniency,
  ): Promise<number>;
  /** Writes every rendered file below `directory`; reaches no host. */
  render(inventory: string, directory: string): Promise<number>;
}

/** What is looked over because the verb shows it itself. */
interface Leniency {
  readonly expiredCertificates: boolean;
}

/** A cloud within reach. */
export interface OpenCloud {
  /** What must never be printed: every secret and private key of the inventory. */
  readonly secrets: readonly Secret[];
  /** Certificates that expire soon, and authorities. */
  expiring(): readonly Finding[];
  plan(options: PlanOptions): Promise<Planned>;
  /** Writes a plan that may be carried out into a file. Throws McpError where it is refused. */
  savePlan(file: string, planned: Planned, options: PlanOptions): Promise<void>;
  /** Plans, asks, carries out. Throws McpError when it is refused or halts. */
  deploy(options: DeployWishes): Promise<Planned>;
  status(): Promise<Status>;
  check(): Promise<Health>;
  /** Throws McpError when it is refused or halts. */
  recover(wishes: Omit<RecoverOptions, 'signals'>): Promise<PreparedRecovery>;
  history(): Promise<History>;
  /** A run by its name, how that begins, or `last`. Throws McpError `invalid-arguments` where there is none. */
  run(name: string): Promise<KnownRun>;
  /** Throws McpError when it is refused or halts. */
  rollback(wishes: Omit<RollbackOptions, 'signals'>): Promise<PreparedRollback>;
  readonly lock: {
    show(): Promise<readonly SeenLock[]>;
    /** Resolves with the locks that were broken. Throws McpError where anything of their runs lives. */
    break(wishes: BreakWishes): Promise<readonly HostLock[]>;
  };
  readonly maintenance: {
    list(): Promise<readonly RestingHost[]>;
    /** Both throw McpError when they are refused or halt. */
    enter(wishes: MaintenanceWishes & { readonly reason?: string }): Promise<Plan>;
    leave(wishes: MaintenanceWishes): Promise<Plan>;
  };
}

type MaintenanceWishes = Omit<MaintenanceOptions, 'signals'>;

type DeployWishes = Omit<DeployOptions, 'signals'>;
