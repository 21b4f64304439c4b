import { Argument, Command } from 'commander';
import bash from '../completion/completion.bash';
import fish from '../completion/completion.fish';
import zsh from '../completion/completion.zsh';

const scripts = { bash, zsh, fish };

/** `mcp completion SHELL`: what that shell completes our command lines by. */
export const completionCommand = (print: (text: string) => void): Command =>
  new Command('completion')
    .description('print what a shell completes command lines by, with the names of your inventory')
    .addArgument(new Argument('<shell>', 'its first lines say where to put it').choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts) => print(scripts[shell].trimEnd()));

/** `mcp __complete -- WORD...`: what such a script asks. The last word is the one that is being typed. */
export const completeCommand = (print: (text: string) => void): Command =>
  new Command('__complete')
    .argument('[words...]')
    .action(async (words: string[], _options, self: Command) => {
      // Loaded when it is wanted: every other verb starts without it.
      const { completionOf } = await import('../completion/complete.ts');
      const lines = await completionOf(self.parent ?? self, words);
      print(lines.join('\n'));
    });
