import { runsOn } from '../execute/index.ts';
import { McpError } from '../model/failure.ts';
import { type KnownRun, type RunOnHost, runsIn } from '../model/run.ts';
import type { WithHosts } from './lock.ts';

/** The runs that hosts have kept, and the hosts that could not be asked. */
export interface History {
  readonly cloud: string;
  /** The latest last. */
  readonly runs: readonly KnownRun[];
  readonly silent: readonly SilentHost[];
}

interface SilentHost {
  readonly host: string;
  readonly failure: McpError;
}

/** What the hosts have kept of the last runs: one exec a host. */
export async function cloudHistory({ connect, cloud }: WithHosts): Promise<History> {
  const { topology } = cloud;
  const told = await Promise.all(
    topology.hosts.map(async ({ name }): Promise<readonly RunOnHost[] | SilentHost> => {
      try {
        return await runsOn(name, { connect });
      } catch (failure) {
        if (!(failure instanceof McpError) || failure.code === 'interrupted') throw failure;
        return { host: name, failure };
      }
    }),
  );
  const silent = told.flatMap((each) => ('failure' in each ? [each] : []));
  return {
    cloud: topology.cloud,
    runs: runsIn(told.flatMap((each) => ('failure' in each ? [] : each))),
    silent,
  };
}

/** A run to look at: `last` is one, too. Throws McpError `invalid-arguments` where there is none. */
export const runShown = (name: string, history: History): KnownRun =>
  (name === 'last' ? history.runs.at(-1) : undefined) ?? runNamed(name, history);

/** A run by its name, or how that begins. Throws McpError `invalid-arguments` where that is not one. */
export function runNamed(name: string, { runs, silent }: History): KnownRun {
  const found = runs.filter(({ run }) => name !== '' && run.startsWith(name));
  const chosen = found.find(({ run }) => run === name) ?? (found.length === 1 ? found[0] : undefined);
  if (chosen !== undefined) return chosen;
  const known = (found.length > 1 ? found : runs).map(({ run }) => run).join(', ');
  const unasked =
    silent.length === 0 ? '' : ` (${silent.map(({ host }) => host).join(', ')} could not be asked)`;
  throw new McpError(
    'invalid-arguments',
    found.length > 1 ? `several runs begin with ${name}` : `no host has kept a run ${name}${unasked}`,
    { hint: known === '' ? 'no run is kept anywhere' : `name one of ${known}` },
  );
}
