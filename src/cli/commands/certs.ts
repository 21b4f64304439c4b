import { Command } from 'commander';
import { type CertificatesReport, makeCertificates } from '../../workflows/certs.ts';

interface CertsOptions {
  readonly inventory: string;
  readonly renew?: true | readonly string[];
}

/** `mcp certs init`. */
export const certsCommand = (print: (text: string) => void): Command =>
  new Command('certs').description('the private authority and the certificates of the VIPs').addCommand(
    new Command('init')
      .description('make the authority and the certificates that are missing; what exists stays')
      .requiredOption('-i, --inventory <file>', 'inventory file')
      .option('--renew [vip...]', 'make these anew; without names those that expired or no longer fit')
      .action(async ({ inventory, renew }: CertsOptions) => {
        const wanted = renew === true ? 'unfit' : (renew ?? 'none');
        print(asText(await makeCertificates(inventory, wanted)));
      }),
  );

function asText({ directory, authority, made, kept }: CertificatesReport): string {
  const lines = [
    `authority ${authority}`,
    ...made.map((vip) => `certificate of the VIP ${vip} made`),
    ...kept.map((vip) => `certificate of the VIP ${vip} kept`),
  ];
  return `${directory}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
