import { hostname } from 'node:os';
import { operatorName } from '../inventory/index.ts';
import type { Asked } from '../model/lock.ts';
import type { Repository } from './repository.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks for a run of this verb, and which CI job, as GitLab and GitHub tell their jobs. */
export function askedHere(verb: string, environment: Environment = process.env): Asked {
  const job = jobIn(environment);
  return { verb, by: operatorName(), from: hostname(), ...(job === undefined ? {} : { job }) };
}

/** The same, with the commit that the inventory stands at. */
export async function askedFrom(repository: Repository, verb: string): Promise<Asked> {
  const commit = await repository.commit();
  return { ...askedHere(verb), ...(commit === undefined ? {} : { commit }) };
}

function jobIn(environment: Environment): string | undefined {
  const gitlab = environment['CI_JOB_URL'] ?? environment['CI_PIPELINE_URL'];
  if (gitlab !== undefined) return gitlab;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = environment;
  const isGithub = server !== undefined && repository !== undefined && id !== undefined;
  return isGithub ? `${server}/${repository}/actions/runs/${id}` : undefined;
}
