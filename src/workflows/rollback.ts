import { earlierFilesOn, refuseWhileBusy, rollOut } from '../execute/index.ts';
import type { EarlierFiles } from '../model/earlier.ts';
import { McpError } from '../model/failure.ts';
import { isEmpty } from '../model/plan.ts';
import { changesFiles, type KnownRun } from '../model/run.ts';
import { earlierState, runsToUndo, type Undone } from '../plan/index.ts';
import { askedFrom } from './asked.ts';
import type { Session } from './cloud.ts';
import { refuse } from './deploy.ts';
import { cloudHistory, runNamed } from './history.ts';
import { type LockWishes, whenUnlocked } from './lock-wait.ts';
import { type Planned, planCloud } from './plan.ts';
import { createRunFolder } from './run-folder.ts';

export interface RollbackOptions extends LockWishes {
  /** Name of the run to take back, or how it begins. */
  readonly run: string;
  readonly overwriteDrift?: boolean;
  /** Shows what would be taken back and asks; resolves false to leave everything as it is. */
  confirm(prepared: PreparedRollback): Promise<boolean>;
}

/** What would be done, before it is. */
export interface PreparedRollback extends Planned {
  /** The run that was named, and all that came after it: the earliest first. */
  readonly undone: readonly KnownRun[];
}

/**
 * Takes a run back, and every later one with it: files become again what they were before it. That is a plan like any
 * other. Throws McpError `no-way-back` where that is not known or not ours to say, and when it is refused or halts.
 */
export const rollBackCloud = (session: Session, options: RollbackOptions): Promise<PreparedRollback> =>
  whenUnlocked(session, options, (emit) => rollBackOnce(session, { ...options, emit }));

async function rollBackOnce(session: Session, options: RollbackOptions): Promise<PreparedRollback> {
  const { undone, prepared } = await prepare(session, options);
  refuse(prepared.plan);
  if (isEmpty(prepared.plan)) {
    refuseWhileBusy(prepared.observed);
    return prepared;
  }
  if (!(await options.confirm(prepared))) {
    throw new McpError('not-confirmed', 'not confirmed: nothing was changed');
  }
  const { topology, services } = session.cloud;
  const { run, directory } = await createRunFolder(topology.cloud, new Date());
  const { plan, observed, desired, all } = prepared;
  const { connect, connectAfresh } = session;
  const { emit, signals } = options;
  await rollOut({
    ...{ run, runDirectory: directory, plan, observed, desired, topology: all, wanted: topology, services },
    asked: await askedFrom(session.repository, 'rollback'),
    undoing: { keepsFrom: undone.keepsFrom, commit: undone.commit },
    ...{ connect, connectAfresh, emit, signals },
  });
  return prepared;
}

async function prepare(session: Session, options: RollbackOptions) {
  const { topology, desired: today } = session.cloud;
  const hosts = topology.hosts.map(({ name }) => name);
  const history = await cloudHistory(session);
  const named = runNamed(options.run, history);
  const silent = history.silent.map(({ host }) => host);
  const undone = runsToUndo(named, { runs: history.runs, hosts, silent });
  stopAt(named, undone.obstacles);
  const [observed, earlier] = await Promise.all([session.observe('state'), earlierFiles(session, undone)]);
  const { desired, obstacles, refusals } = earlierState(today, observed, earlier);
  stopAt(named, obstacles);
  const planned = await planCloud(
    {
      ...session,
      cloud: { ...session.cloud, desired },
      observe: (depth) => session.observeOthers({ desired, hosts, depth }),
    },
    { overwriteDrift: options.overwriteDrift ?? false, allowOlder: true },
  );
  if (planned.plan.intent !== undefined || planned.plan.departures.length > 0) {
    stopAt(named, ['this inventory changes who belongs to the cloud, and that was not deployed yet']);
  }
  const drift = options.overwriteDrift === true ? [] : refusals;
  const plan = { ...planned.plan, refusals: [...planned.plan.refusals, ...drift] };
  return { undone, prepared: { ...planned, plan, undone: undone.runs } };
}

async function earlierFiles({ connect }: Session, { byHost }: Undone): Promise<EarlierFiles> {
  const told = await Promise.all(
    [...byHost].map(async ([host, runs]) => [host, await earlierFilesOn(host, runs, { connect })] as const),
  );
  return new Map(told);
}

/** All that is in the way, at once. */
function stopAt({ run, account }: KnownRun, obstacles: readonly string[]): void {
  if (obstacles.length === 0) return;
  const isFiles = account === undefined || changesFiles(account.verb);
  throw new McpError('no-way-back', `run ${run} can't be taken back:\n${obstacles.join('\n')}`, {
    hint: isFiles
      ? 'check the commit of the inventory out that is to be in force, then `mcp plan --allow-older`'
      : 'see `mcp history` for runs that changed files',
  });
}
