import { Command } from 'commander';
import { type Health, silentIn } from '../../model/check.ts';
import { exitCodes } from '../../model/failure.ts';
import { checkAsText, healthAsJson, type Output } from '../../report/index.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Options {
  readonly inventory: string;
  readonly json: boolean;
}

/** `mcp check`: whether these machines are fit to deploy to. */
export const checkCommand = (deployer: Deployer, output: Output): Command =>
  new Command('check')
    .description(
      'look at the machines before a deploy: reachable, system, time, addresses, ports, packets, VIPs, routers, disk, memory',
    )
    .addOption(inventoryOption())
    .option('--json', 'print it as JSON', false)
    .action(async ({ inventory, json }: Options) => {
      process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
        const health = await cloud.check();
        output.print(json ? JSON.stringify(healthAsJson(health)) : checkAsText(health, output.paint));
        return exitCodeFor(health);
      });
    });

function exitCodeFor(health: Health): number {
  if (health.healthy) return exitCodes.done;
  return silentIn(health).length > 0 ? exitCodes.unreachable : exitCodes.degraded;
}
