import { Command } from 'commander';
import { type Output, savedPlanAsText } from '../../report/index.ts';
import { readPlanFile } from '../../workflows/saved-plan-file.ts';

interface Options {
  readonly json: boolean;
}

/** `mcp show FILE`: what a saved plan would do, and who made it. */
export const showCommand = (output: Output): Command =>
  new Command('show')
    .description('show a plan that was saved with `mcp plan --out`')
    .argument('<file>', 'the saved plan')
    .option('--json', 'print it as JSON', false)
    .action(async (file: string, { json }: Options) => {
      const { saved } = await readPlanFile(file);
      output.print(
        json ? JSON.stringify({ type: 'saved-plan', ...saved }) : savedPlanAsText(saved, output.paint),
      );
    });
