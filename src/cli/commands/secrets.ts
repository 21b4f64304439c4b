import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { exitCodes, McpError } from '../../model/failure.ts';
import { diagnosticsAsText, type Output } from '../../report/index.ts';
import { editSecrets } from '../../workflows/edit-secrets.ts';
import { type EncryptionReport, encryptSecrets } from '../../workflows/encrypt-secrets.ts';
import { makeSecrets, rotateKeys, type SecretsReport } from '../../workflows/secrets.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Inventory {
  readonly inventory: string;
}

interface Encryption extends Inventory {
  readonly recipient: readonly string[];
  readonly anyway: boolean;
}

/** `mcp secrets init`, `rotate`, `encrypt` and `edit`. */
export const secretsCommand = (deployer: Deployer, output: Output): Command =>
  new Command('secrets')
    .description('passwords, keys and cookies of a cloud')
    .addCommand(
      new Command('init')
        .description('make every secret that is needed and missing; what exists stays, nothing is shown')
        .addOption(inventoryOption())
        .action(async ({ inventory }: Inventory) => {
          output.print(asText(await makeSecrets(inventory)));
        }),
    )
    .addCommand(
      new Command('rotate')
        .description(
          'give secrets new values; the next deploy brings them to the hosts while the former still work',
        )
        .argument(
          '<secret...>',
          'which: names in the secrets file, fernet (seals tokens), credential (encrypts credentials)',
        )
        .addOption(inventoryOption())
        .option('--anyway', 'although what the oldest key protects may still be in use', false)
        .action(async (names: string[], { inventory, anyway }: Inventory & { anyway: boolean }) => {
          process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
            const rotated = rotateKeys(inventory, names, { anyway, plan: () => cloud.plan({}) });
            const { file, changed } = await rotated;
            output.print(`${file}: ${changed.join(', ')} moved on by one; run mcp deploy now`);
            return exitCodes.done;
          });
        }),
    )
    .addCommand(
      new Command('encrypt')
        .description('encrypt secrets and keys with age, for all who are named beside the inventory')
        .addOption(inventoryOption())
        .option('--recipient <age1...>', 'who else may open them', [])
        .option('--anyway', 'although none of your identities could open them', false)
        .action(async ({ inventory, recipient: recipients, anyway }: Encryption) => {
          output.print(encryptedAsText(await encryptSecrets(inventory, { recipients, anyway })));
        }),
    )
    .addCommand(
      new Command('edit')
        .description('edit the secrets in $VISUAL or $EDITOR; they are encrypted again where they were')
        .addOption(inventoryOption())
        .action(async ({ inventory }: Inventory) => {
          if (!output.interactive) {
            throw new McpError('invalid-arguments', 'there is no terminal to edit at', {
              hint: 'run it in a terminal',
            });
          }
          const { file, isChanged } = await editSecrets(inventory, {
            edit: inEditor,
            again(mistake) {
              output.complain(diagnosticsAsText(mistake.details.diagnostics ?? []));
              return output.confirm('Edit it again?');
            },
          });
          output.print(isChanged ? `${file}: written; run mcp deploy now` : `${file}: nothing was changed`);
        }),
    );

/** As git does it: the variable may hold options, and the file is a word of its own. */
async function inEditor(file: string): Promise<void> {
  // What opens the secrets is nothing that an editor and its plugins need to know.
  const { MCP_AGE_KEY: _key, ...env } = process.env;
  const { VISUAL: visual = '', EDITOR: editor = '' } = env;
  const chosen = [visual, editor, 'vi'].find((each) => each !== '') ?? 'vi';
  const child = spawn('sh', ['-c', `${chosen} "$@"`, chosen, file], { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  if (code === 0) return;
  throw new McpError('not-confirmed', `${chosen} ended with ${code}: nothing was changed`);
}

function asText({ file, made, kept }: SecretsReport): string {
  if (made.length === 0) return `${file}: all ${kept.length} secrets are there`;
  return `${file}: ${made.length} secrets made, ${kept.length} kept\n${made.map((name) => `  ${name}`).join('\n')}`;
}

const encryptedAsText = ({ recipientsFile, recipients, files }: EncryptionReport): string =>
  [
    `encrypted for ${recipients.length === 1 ? 'one recipient' : `${recipients.length} recipients`} (${recipientsFile}):`,
    ...files.map((file) => `  ${file}`),
    'what lay in a repository in the clear before can still be read in its history: rotate that',
  ].join('\n');
