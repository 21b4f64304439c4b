import { Command } from 'commander';
import { makeSecrets, type SecretsReport } from '../../workflows/secrets.ts';

/** `mcp secrets init`. */
export const secretsCommand = (print: (text: string) => void): Command =>
  new Command('secrets').description('passwords, keys and cookies of a cloud').addCommand(
    new Command('init')
      .description('make every secret that is needed and missing; what exists stays, nothing is shown')
      .requiredOption('-i, --inventory <file>', 'inventory file')
      .action(async ({ inventory }: { inventory: string }) => {
        print(asText(await makeSecrets(inventory)));
      }),
  );

function asText({ file, made, kept }: SecretsReport): string {
  if (made.length === 0) return `${file}: all ${kept.length} secrets are there`;
  return `${file}: ${made.length} secrets made, ${kept.length} kept\n${made.map((name) => `  ${name}`).join('\n')}`;
}
