import { McpError } from '../model/failure.ts';
import { hostFormat, type ObservedState, reachable } from '../model/observed.ts';
import { changesFiles, type RunAccount, runsKept } from '../model/run.ts';
import { programWith } from '../model/shell-program.ts';
import beginText from './begin.sh';
import { startPolicyValues } from './install-packages.ts';
import { announceBelongings, membershipScript } from './membership-record.ts';
import { type Acting, runLocked } from './own-lock.ts';
import { type RunContext, runFolder } from './run-context.ts';
import startPolicyText from './start-policy.sh';

/**
 * Hosts that are ours already, and only then those that come: should a run be cut off while it begins, whoever has given
 * up a host that was to come learns of it from the others, and nothing of ours is left there.
 */
export function beginningOrder(
  hosts: readonly string[],
  observed: ObservedState,
): readonly (readonly string[])[] {
  const isOurs = (host: string): boolean => reachable(observed, host)?.cloud !== undefined;
  return [hosts.filter(isOurs), hosts.filter((host) => !isOurs(host))];
}

/**
 * What every run does first on a host, under its lock: says whose it is, takes away what a killed run left behind, and
 * keeps the folders of the last five runs, its own among them, with its account of itself: `hosts` are all that it begins on. What it is about to put there is noted first, and who takes part: should this
 * run be cut off, the next one knows whom to take out again. Throws `foreign-host` when it belongs to
 * another cloud, and `stale-plan` when another run was there since the plan was made.
 */
export async function beginOn(host: string, acting: Acting, hosts: readonly string[]): Promise<void> {
  const { context } = acting;
  const { exitCode, stdout, stderr } = await runLocked(host, beginScript(host, context, hosts), {
    acting,
    timeoutSeconds: 60,
    title: 'begin the run',
  });
  if (exitCode === 0) return;
  if (exitCode === foreignCode) {
    throw new McpError(
      'foreign-host',
      `${host} belongs to the cloud ${stdout.trim()}, not to ${context.plan.cloud}`,
      {
        host,
        hint: 'correct the address in the inventory; to take the host over, remove /var/lib/mcp on it',
      },
    );
  }
  if (exitCode === staleCode) {
    throw new McpError(
      'stale-plan',
      `${host} has a newer record of who belongs than this plan was made from`,
      {
        host,
        hint: 'somebody else has changed that meanwhile: run the same command again',
      },
    );
  }
  if (exitCode === overtakenCode) {
    throw new McpError('stale-plan', `${host} was changed by another run since this plan was made`, {
      host,
      hint: 'see `mcp history`, and run the same command again: it plans anew',
    });
  }
  throw new McpError('command-failed', `${host}: the run can't begin there: ${stderr.trim()}`, { host });
}

const foreignCode = 77;
const staleCode = 78;
const overtakenCode = 79;
/** No run has it. */
const noNumber = 999_999_999;

/** What the run says about itself on hosts, and what they are to remember as deployed with it. */
function accountsOf({ run, asked, plan, clock, undoing }: RunContext, hosts: readonly string[]) {
  const since = new Date(clock.wallClock()).toISOString();
  const isDeploy = changesFiles(asked.verb);
  const changesMembers = isDeploy && plan.intent !== undefined;
  const account: RunAccount = { ...asked, run, since, hosts, changesMembers };
  if (!isDeploy) return { account, deployed: undefined };
  if (undoing === undefined) return { account, deployed: account };
  const { commit: _ofTheInventory, ...rest } = account;
  return { account, deployed: undoing.commit === undefined ? rest : { ...rest, commit: undoing.commit } };
}

/** Runs count on from each other over all hosts: those that were not there for some take the number up from the others. */
const leastNumber = ({ hosts }: ObservedState): number =>
  1 +
  Math.max(
    0,
    ...[...hosts.values()].map((now) => (now.kind === 'reachable' ? (now.lastRuns?.number ?? 0) : 0)),
  );

function beginScript(host: string, context: RunContext, hosts: readonly string[]): string {
  const { paths, plan, observed, undoing } = context;
  const { account, deployed } = accountsOf(context, hosts);
  const begin = programWith(startPolicyText + beginText, {
    values: {
      ...startPolicyValues(paths),
      state: paths.state,
      folder: runFolder(context),
      cloud: plan.cloud,
      host_format: hostFormat,
      foreign_code: foreignCode,
      generation: plan.recorded ?? '',
      stale_code: staleCode,
      runs_kept: runsKept,
      account: JSON.stringify(account),
      deployed: deployed === undefined ? '' : JSON.stringify(deployed),
      least_number: leastNumber(observed),
      seen_number: reachable(observed, host)?.lastRuns?.number ?? 0,
      overtaken_code: overtakenCode,
      kept_from: undoing?.keepsFrom ?? noNumber,
    },
  });
  return [
    begin,
    announceBelongings(context.desired.hosts.get(host)),
    ...(plan.intent === undefined ? [] : [membershipScript(plan.intent)]),
  ].join('\n');
}
