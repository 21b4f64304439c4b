import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { type Output, tableAsText } from '../../report/index.ts';
import { loadTopology } from '../../workflows/load.ts';
import { runInNamespace } from '../../workflows/namespace.ts';
import { type ShownKeys, trustHosts } from '../../workflows/trust.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Options {
  readonly inventory: string;
  readonly yes: boolean;
  readonly replace: readonly string[];
}

/** `mcp trust`: pins the hosts' keys after showing their fingerprints. */
export const trustCommand = (output: Output): Command =>
  new Command('trust')
    .description("show the fingerprints of the hosts' keys, and pin them in known_hosts")
    .addOption(inventoryOption())
    .option('--yes', 'pin without asking', false)
    .option('--replace <host...>', 'replace the pinned keys of these hosts', [])
    .action(async ({ inventory, yes, replace }: Options) => {
      const { topology } = await loadTopology(inventory, { needs: 'topology' });
      const elsewhere = await runInNamespace(topology.inventory.ssh.namespace);
      process.exitCode = elsewhere ?? (await trust(topology.hosts));

      async function trust(hosts: typeof topology.hosts): Promise<number> {
        const { pinned, known } = await trustHosts(hosts, {
          replace,
          show: (shown) => shown.length > 0 && output.print(fingerprintsAsText(shown)),
          // Without a terminal only --yes is a yes.
          confirm: async () => yes || (output.interactive && (await output.confirm('Pin these keys?'))),
        });
        output.print(`${pinned} keys pinned, ${known} were known`);
        return exitCodes.done;
      }
    });

function fingerprintsAsText(shown: readonly ShownKeys[]): string {
  const rows = shown.flatMap(({ host, address, keys }) =>
    keys.map(({ keyType, fingerprint, verdict }) => [host, address, keyType, fingerprint, words[verdict]]),
  );
  return tableAsText(['host', 'address', 'type', 'fingerprint', ''], rows);
}

const words = {
  known: 'pinned',
  unknown: 'new',
  changed: 'changed',
  revoked: 'revoked',
  unproven: 'not pinned: proven only over a login',
} as const;
