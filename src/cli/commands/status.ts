import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { type Output, statusAsJson, statusAsText, statusReport } from '../../report/index.ts';
import type { Deployer, OpenCloud } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';
import {
  junitOption,
  markdownOption,
  type ReportFiles,
  type ReportFlags,
  withReportFiles,
} from '../report-files.ts';

interface Options extends ReportFlags {
  readonly inventory: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** `mcp status`: who holds what, what is wrong, one verdict. */
export const statusCommand = (deployer: Deployer, output: Output): Command =>
  new Command('status')
    .description(`show the health of the cloud; exits ${exitCodes.degraded} when it is degraded`)
    .addOption(inventoryOption())
    .option('--json', 'print it as JSON', false)
    .option('--verbose', 'show what follows from a cause, and every table', false)
    .addOption(junitOption())
    .addOption(markdownOption())
    .action(async ({ inventory, json, verbose, junit, markdown }: Options) => {
      const show = async (cloud: OpenCloud, files: ReportFiles) => {
        const status = await cloud.status();
        const wanted = { paint: output.paint, telling: verbose ? 'everything' : 'causes' } as const;
        output.print(json ? JSON.stringify(statusAsJson(status)) : statusAsText(status, wanted));
        await files.tell(() => statusReport(status));
        return status.health.healthy ? exitCodes.done : exitCodes.degraded;
      };
      // A certificate that has expired is one of its findings, and no reason to show nothing.
      const leniency = { expiredCertificates: true };
      process.exitCode = await withReportFiles({ verb: 'status', junit, markdown }, output, (files) =>
        deployer.withCloud(inventory, (cloud) => show(cloud, files), leniency),
      );
    });
