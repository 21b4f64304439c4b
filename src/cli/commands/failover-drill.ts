import { Command, InvalidArgumentError, Option } from 'commander';
import type { Output } from '../../report/index.ts';
import { inventoryOption } from '../inventory-option.ts';
import { junitOption, markdownOption, withReportFiles } from '../report-files.ts';
import type { DrillFlags } from '../run-drill.ts';

/** `mcp failover-drill`: breaks real things and measures what clients saw. */
export const failoverDrillCommand = (output: Output): Command =>
  new Command('failover-drill')
    .description('break things on purpose, heal them, and measure what clients saw')
    .argument(
      '[fault...]',
      'faults by name; where none is named, all but those that `--list` calls only done when named',
    )
    .addOption(inventoryOption())
    .addOption(new Option('--list', 'show the faults and change nothing').conflicts(['junit', 'markdown']))
    .option('--repeat <n>', 'how often each fault is tried; the timers it meets are random', positive, 1)
    .option('--steady <seconds>', 'run the probe with nothing broken; nothing may move', positive)
    .option('--saturate', 'with --steady: keep every core of this machine busy meanwhile')
    .option('--json', 'typed JSON lines')
    .addOption(junitOption())
    .addOption(markdownOption())
    .action(async (names: readonly string[], flags: DrillFlags) => {
      // Loaded when it is wanted: its clients take a while, and every other verb starts without them.
      const { runFailoverDrill } = await import('../run-drill.ts');
      process.exitCode = await withReportFiles({ verb: 'failover-drill', ...flags }, output, (files) =>
        runFailoverDrill(names, flags, { output, files }),
      );
    });

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('must be a whole number of 1 or more');
  return number;
}
