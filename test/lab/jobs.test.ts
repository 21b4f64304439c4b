import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { deployedLab } from './support/deployed.ts';
import { managedFiles, onEach, unitStarts } from './support/hosts.ts';
import { command, type LabOf, type Outcome, root } from './support/mcp.ts';
import { awaitHealthy } from './support/steady.ts';
import { variantOf } from './support/variant.ts';

const inventory = 'inventories/lab.yaml';
const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
const changed = '/etc/apt/apt.conf.d/52mcp-held-back';
let lab: LabOf;
let folder: string;
let marks = 0;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 120);
  folder = await mkdtemp(join(tmpdir(), 'mcp-pipeline-'));
  await mkdir(join(folder, 'bin'));
  await symlink(join(root, 'bin/mcp'), join(folder, 'bin/mcp'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  // The commits of these tests are younger than this checkout's.
  await lab.must('deploy', '--yes', '--overwrite-drift', '--allow-older');
});

/** A job of a recipe: what it runs in a checkout of its own, and which files it passes on. */
interface Job {
  readonly name: 'plan' | 'deploy';
  readonly lines: readonly string[];
  readonly artifacts: readonly string[];
}

const names = z.array(z.string());
const gitlabJob = z.object({
  script: names,
  artifacts: z.object({ paths: names.optional() }).optional(),
});
const gitlab = z.object({
  default: z.object({ before_script: names }),
  plan: gitlabJob,
  deploy: gitlabJob,
});
const githubJob = z.object({
  steps: z.array(
    z.object({ run: z.string().optional(), with: z.object({ path: z.string().optional() }).optional() }),
  ),
});
const github = z.object({ jobs: z.object({ plan: githubJob, deploy: githubJob }) });

/** The recipes as they stand in the README. */
async function recipes(): Promise<Readonly<Record<'GitLab' | 'GitHub', readonly Job[]>>> {
  const text = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => parse(block));
  const first = gitlab.parse(blocks.find((block) => 'default' in block));
  const second = github.parse(blocks.find((block) => 'jobs' in block));
  return {
    GitLab: (['plan', 'deploy'] as const).map((name) => ({
      name,
      lines: [...first.default.before_script, ...first[name].script],
      artifacts: first[name].artifacts?.paths ?? [],
    })),
    GitHub: (['plan', 'deploy'] as const).map((name) => ({
      name,
      lines: second.jobs[name].steps.flatMap(({ run }) => run ?? []),
      artifacts: second.jobs[name].steps.flatMap((step) => step.with?.path ?? []),
    })),
  };
}

/** A pipeline over a repository whose newest commit wants a change that no client can notice. */
async function pipelineOf(jobs: readonly Job[]) {
  marks += 1;
  const mark = `// pipeline ${marks}`;
  const home = await mkdtemp(join(folder, 'pipeline-'));
  const repository = join(home, 'repository');
  const { directory, inventory: variant } = await variantOf(inventory);
  const override = join(repository, `overrides/all${changed}.append`);
  await mkdir(dirname(override), { recursive: true });
  await copyFile(variant, join(repository, 'cloud.yaml'));
  await writeFile(override, `${mark}\n`);
  const git = (...words: readonly string[]) => must('git', ['-C', repository, ...words]);
  await git('init', '--quiet');
  await git('add', '.');
  await git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '--quiet', '--message', mark);
  const secrets = join(home, 'cloud.tar');
  await rename(join(directory, 'lab.certs'), join(directory, 'cloud.certs'));
  await must('tar', ['-cf', secrets, '-C', directory, 'lab.secrets.yaml', 'cloud.certs']);
  await chmod(secrets, 0o600);
  const passedOn = join(home, 'artifacts');
  await mkdir(passedOn);
  const environment = {
    CI_JOB_URL: 'https://gitlab.example/cloud/-/jobs/7',
    // A file for GitLab, its content for GitHub.
    CLOUD_SECRETS: secrets,
    GITHUB_STEP_SUMMARY: join(home, 'summary.md'),
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  };
  return {
    mark,
    /** The file that the runner of GitHub shows. */
    summary: environment.GITHUB_STEP_SUMMARY,
    async run(name: Job['name'], isGithub: boolean): Promise<Outcome & { readonly checkout: string }> {
      const job = jobs.find((each) => each.name === name);
      if (job === undefined) throw new Error(`no job ${name}`);
      const checkout = join(home, name);
      await must('git', ['clone', '--quiet', repository, checkout]);
      await must('cp', ['-a', `${passedOn}/.`, checkout]);
      const coded = isGithub ? { CLOUD_SECRETS: (await readFile(secrets)).toString('base64') } : {};
      const script = `cd '${checkout}'\n${job.lines.join('\n')}`;
      const outcome = await command('sh', ['-e', '-c', script], { ...environment, ...coded });
      for (const path of job.artifacts) {
        if (outcome.exitCode === 0) await copyFile(join(checkout, path), join(passedOn, path));
      }
      return { ...outcome, checkout };
    },
  };
}

async function must(program: string, words: readonly string[]): Promise<void> {
  const { exitCode, output } = await command(program, words);
  if (exitCode !== 0) throw new Error(`${program} ${words.join(' ')} exited ${exitCode}:\n${output}`);
}

const lastLines = () => onEach(lab, hosts, `tail -n 1 ${changed}`);

test.each(['GitLab', 'GitHub'] as const)(
  'the recipe for %s plans in one job and carries that plan out in another',
  async (kind) => {
    const isGithub = kind === 'GitHub';
    const { mark, summary, run } = await pipelineOf((await recipes())[kind]);
    const planned = await run('plan', isGithub);
    expect(planned.exitCode, planned.output).toBe(0);
    expect(planned.output).toContain(`~ ${changed}`);
    const comment = await readFile(isGithub ? summary : join(planned.checkout, 'plan.md'), 'utf8');
    expect(comment).toContain(mark);
    expect(Object.values(await lastLines())).not.toContain(mark);

    const deployed = await run('deploy', isGithub);
    expect(deployed.exitCode, deployed.output).toBe(0);
    // Lines for a log: nothing is drawn over, nothing is coloured, nobody is asked.
    expect(deployed.output).not.toContain(String.fromCharCode(27));
    expect(new Set(Object.values(await lastLines()))).toEqual(new Set([mark]));
    const told = await readFile(isGithub ? summary : join(deployed.checkout, 'deploy.xml'), 'utf8');
    expect(told).toContain('ctl01');
    expect(told).toMatch(isGithub ? /done: \d+ batch/ : /failures="0"/);
  },
);

test('what was changed underneath between the two jobs ends the second one with 10, and nothing is touched', async () => {
  const { mark, run } = await pipelineOf((await recipes()).GitLab);
  expect((await run('plan', false)).exitCode).toBe(0);
  await lab.on('ctl02', `echo '// mine' >>${changed}`);
  const before = [await unitStarts(lab, hosts), await managedFiles(lab, hosts)];
  const refused = await run('deploy', false);
  expect(refused.exitCode, refused.output).toBe(10);
  expect(refused.output).toContain(`ctl02: ${changed} is neither as it was nor as it will be`);
  expect([await unitStarts(lab, hosts), await managedFiles(lab, hosts)]).toEqual(before);
  expect(Object.values(await lastLines())).not.toContain(mark);
});
