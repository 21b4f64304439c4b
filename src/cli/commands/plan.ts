import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { stepsStillRunning } from '../../model/observed.ts';
import { isEmpty, type Plan, type Refusal } from '../../model/plan.ts';
import type { PlanOptions } from '../../model/plan-options.ts';
import { type Output, planAsDocument, planAsJson, planAsText, planDiff } from '../../report/index.ts';
import type { Planned } from '../../workflows/plan.ts';
import type { Deployer, OpenCloud } from '../deployer.ts';
import { tellExpiring } from '../expiring.ts';
import { inventoryOption } from '../inventory-option.ts';
import { markdownOption, type ReportFiles, type ReportFlags, withReportFiles } from '../report-files.ts';

interface Options extends PlanOptions, Pick<ReportFlags, 'markdown'> {
  readonly inventory: string;
  readonly out?: string;
  readonly diff: boolean;
  readonly json: boolean;
  readonly detailedExitcode: boolean;
}

/** `mcp plan`: what a deploy would do, and nothing is done. */
export const planCommand = (deployer: Deployer, output: Output): Command =>
  new Command('plan')
    .description('show what a deploy would change, and change nothing')
    .addOption(inventoryOption())
    .option(
      '--out <file>',
      'save the plan, for `mcp show` and `mcp deploy`; it holds no content and no secret',
    )
    .option('--diff', 'show every file that changes as a unified diff, secrets masked', false)
    .option('--json', 'print the plan as JSON, without contents', false)
    .option('--detailed-exitcode', `exit ${exitCodes.changesPending} when something would change`, false)
    .option('--limit <host...>', 'look at these hosts only')
    .option('--allow-unreachable <host...>', 'go on without these hosts')
    .option('--forget <host...>', 'hosts that leave and do not answer')
    .option('--purge', 'remove the data of what leaves, too')
    .option('--keep-former', 'former users and passwords stay in force, for who is not in the inventory')
    .option('--overwrite-drift', 'replace files that someone else edited', false)
    .option('--allow-older', 'the inventory may be at an older commit than the one deployed last', false)
    .addOption(markdownOption())
    .action(async ({ markdown, ...options }: Options) => {
      process.exitCode = await withReportFiles({ verb: 'plan', markdown }, output, (files) =>
        deployer.withCloud(options.inventory, (cloud) => show(cloud, options, { files, output })),
      );
    });

interface Means {
  readonly files: ReportFiles;
  readonly output: Output;
}

async function show(
  cloud: OpenCloud,
  { inventory, out, diff, json, detailedExitcode, ...options }: Omit<Options, 'markdown'>,
  { files, output }: Means,
): Promise<number> {
  const planned = await cloud.plan(options);
  output.print(json ? JSON.stringify(planAsJson(planned.plan)) : asText(planned, diff, output));
  tellExpiring(cloud, output);
  for (const { host, unit } of stepsStillRunning(planned.observed))
    output.complain(
      `${host} is still busy with ${unit}, a step of an earlier run: what is due may change when it ends`,
    );
  const differences = diff ? planDiff(planned, output.mask) : '';
  await files.tell(() => ({ document: planAsDocument(planned.plan, differences) }));
  if (out !== undefined) await cloud.savePlan(out, planned, options);
  if (out !== undefined && !json) output.print(savedIn(out, inventory));
  return exitCodeFor(planned.plan, detailedExitcode);
}

const savedIn = (file: string, inventory: string): string =>
  `\nsaved in ${file}: carry it out with \`mcp deploy ${file} -i ${inventory}\``;

function asText(planned: Planned, diff: boolean, { mask, paint }: Output): string {
  const text = planAsText(planned.plan, paint);
  const differences = diff ? planDiff(planned, mask, paint) : '';
  return differences === '' ? text : `${differences}\n\n${text}`;
}

/** A plan that could not look at every host is no plan; drift and a degraded cloud are only shown, deploy refuses them. */
function exitCodeFor(plan: Plan, detailedExitcode: boolean): number {
  const refusedFor = (...kinds: readonly Refusal['kind'][]): boolean =>
    plan.refusals.some(({ kind }) => kinds.includes(kind));
  if (refusedFor('unreachable')) return exitCodes.unreachable;
  if (refusedFor('foreign-host', 'newer-format')) return exitCodes.refused;
  return detailedExitcode && !isEmpty(plan) ? exitCodes.changesPending : exitCodes.done;
}
