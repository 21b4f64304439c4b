import { Command, CommanderError } from 'commander';
import { exitCodeOf, exitCodes, McpError } from '../model/failure.ts';
import { programVersion } from '../model/version.ts';
import { bugAsText, failureAsText, type Output } from '../report/index.ts';
import { certsCommand } from './commands/certs.ts';
import { checkCommand } from './commands/check.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { deployCommand } from './commands/deploy.ts';
import { explainCommand } from './commands/explain.ts';
import { failoverDrillCommand } from './commands/failover-drill.ts';
import { historyCommand } from './commands/history.ts';
import { initCommand } from './commands/init.ts';
import { labCommand } from './commands/lab.ts';
import { lockCommand } from './commands/lock.ts';
import { maintenanceCommand } from './commands/maintenance.ts';
import { openrcCommand } from './commands/openrc.ts';
import { planCommand } from './commands/plan.ts';
import { recoverCommand } from './commands/recover.ts';
import { renderCommand } from './commands/render.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { secretsCommand } from './commands/secrets.ts';
import { showCommand } from './commands/show.ts';
import { statusCommand } from './commands/status.ts';
import { topologyCommand } from './commands/topology.ts';
import { trustCommand } from './commands/trust.ts';
import { validateCommand } from './commands/validate.ts';
import type { Deployer } from './deployer.ts';
import { useInventory } from './inventory-option.ts';
import { createDeployer } from './open-cloud.ts';

/** Every verb of the program. Commands declare, call one workflow, print, and set the exit code. */
function program(output: Output, deployer: Deployer): Command {
  const print = (text: string) => output.print(text);
  return new Command('mcp')
    .description('Deploys a highly available OpenStack control plane from one inventory, and proves it.')
    .version(programVersion)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(text.trimEnd()),
      writeErr: (text) => output.complain(text.trimEnd()),
    })
    .hook('preAction', (_program, command) => useInventory(command, output))
    .addCommand(initCommand(output))
    .addCommand(explainCommand(output))
    .addCommand(validateCommand(output))
    .addCommand(secretsCommand(deployer, output))
    .addCommand(certsCommand(deployer, output))
    .addCommand(trustCommand(output))
    .addCommand(checkCommand(deployer, output))
    .addCommand(renderCommand(deployer, output))
    .addCommand(planCommand(deployer, output))
    .addCommand(deployCommand(deployer, output))
    .addCommand(historyCommand(deployer, output))
    .addCommand(showCommand(deployer, output))
    .addCommand(rollbackCommand(deployer, output))
    .addCommand(statusCommand(deployer, output))
    .addCommand(maintenanceCommand(deployer, output))
    .addCommand(recoverCommand(deployer, output))
    .addCommand(lockCommand(deployer, output))
    .addCommand(topologyCommand(print))
    .addCommand(openrcCommand(output))
    .addCommand(failoverDrillCommand(output))
    .addCommand(labCommand(output))
    .addCommand(completionCommand(print))
    .addCommand(completeCommand(print), { hidden: true });
}

/**
 * Runs one command line; resolves with the exit code. The one place where a throw becomes words. Tests hand in a deployer
 * whose hosts are folders.
 */
export async function runProgram(
  argv: readonly string[],
  output: Output,
  deployer: Deployer = createDeployer(output),
): Promise<number> {
  try {
    refuseLostFolder();
    await inheritSettings(program(output, deployer)).parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.done);
  } catch (thrown) {
    // Commander has printed what was wrong with the arguments; help and version are no mistakes.
    if (thrown instanceof CommanderError)
      return thrown.exitCode === 0 ? exitCodes.done : exitCodes.invalidInput;
    if (thrown instanceof McpError) {
      output.complain(failureAsText(thrown, output.paint));
      return exitCodeOf(thrown.code);
    }
    output.complain(bugAsText(thrown, output.paint));
    return exitCodes.bug;
  }
}

/** Every path that is not absolute would be a riddle. */
function refuseLostFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    throw new McpError('invalid-arguments', 'the working folder of this shell does not exist any more', {
      hint: 'go to one that does, then run the command again',
      cause,
    });
  }
}

/** Commands that were made elsewhere print and fail like the program itself. */
function inheritSettings(command: Command): Command {
  for (const child of command.commands) inheritSettings(child.copyInheritedSettings(command));
  refuseTwice(command);
  refuseEmpty(command);
  return command;
}

/** An empty name is a variable of a script that was never set: nothing is written to, or read from, wherever that leads. */
function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (value === '') command.error(`error: option '${option.flags}' is given without a value`);
    });
  }
}

/** Of two inventories, or two places to write to, one would be left out without a word. */
function refuseTwice(command: Command): void {
  const single = command.options.filter((option) => !option.variadic && !option.isBoolean());
  for (const option of single) {
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) command.error(`error: option '${option.flags}' is given twice`);
      isGiven = true;
    });
  }
}
