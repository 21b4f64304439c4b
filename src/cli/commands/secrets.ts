import { Command } from 'commander';
import { makeSecrets, rotateKeys, type SecretsReport } from '../../workflows/secrets.ts';

/** `mcp secrets init` and `mcp secrets rotate`. */
export const secretsCommand = (print: (text: string) => void): Command =>
  new Command('secrets')
    .description('passwords, keys and cookies of a cloud')
    .addCommand(
      new Command('init')
        .description('make every secret that is needed and missing; what exists stays, nothing is shown')
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .action(async ({ inventory }: { inventory: string }) => {
          print(asText(await makeSecrets(inventory)));
        }),
    )
    .addCommand(
      new Command('rotate')
        .description('move keys that take turns on by one; hosts get them with the next deploy')
        .argument('<keys>', 'which: fernet (what seals tokens)')
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .option('--anyway', 'although what the oldest key protects may still be in use', false)
        .action(async (keys: string, { inventory, anyway }: { inventory: string; anyway: boolean }) => {
          const { file, changed } = await rotateKeys(inventory, keys, { anyway });
          print(`${file}: ${changed.join(', ')} moved on by one; run mcp deploy now`);
        }),
    );

function asText({ file, made, kept }: SecretsReport): string {
  if (made.length === 0) return `${file}: all ${kept.length} secrets are there`;
  return `${file}: ${made.length} secrets made, ${kept.length} kept\n${made.map((name) => `  ${name}`).join('\n')}`;
}
