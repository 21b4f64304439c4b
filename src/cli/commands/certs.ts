import { Command } from 'commander';
import {
  type CertificatesReport,
  makeCertificates,
  renewCertificates,
  type ShownCertificate,
  showCertificates,
} from '../../workflows/certs.ts';

interface CertsOptions {
  readonly inventory: string;
  readonly renew?: true | readonly string[];
}

/** `mcp certs init`, `renew` and `show`. */
export const certsCommand = (print: (text: string) => void): Command =>
  new Command('certs')
    .description('the private authority and the certificates of the VIPs')
    .addCommand(
      new Command('init')
        .description('make the authority and the certificates that are missing; what exists stays')
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .option('--renew [vip...]', 'make these anew; without names those that expired or no longer fit')
        .action(async ({ inventory, renew }: CertsOptions) => {
          const wanted = renew === true ? 'unfit' : (renew ?? 'none');
          print(asText(await makeCertificates(inventory, wanted)));
        }),
    )
    .addCommand(
      new Command('renew')
        .description('make certificates anew, of all VIPs or of these; the authority stays')
        .argument('[vip...]', 'names of VIPs')
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .action(async (vips: readonly string[], { inventory }: { inventory: string }) => {
          print(`${asText(await renewCertificates(inventory, vips))}\nhosts get them with mcp deploy`);
        }),
    )
    .addCommand(
      new Command('show')
        .description('what each certificate covers, who signed it, and until when it is valid')
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .option('--json', 'as JSON', false)
        .action(async ({ inventory, json }: { inventory: string; json: boolean }) => {
          const shown = await showCertificates(inventory, Date.now());
          print(json ? JSON.stringify(shown, undefined, 2) : shown.map(certificateText).join('\n'));
        }),
    );

const certificateText = ({
  vip,
  covers,
  issuer,
  fingerprint,
  notAfter,
  daysLeft,
}: ShownCertificate): string =>
  [
    `${vip}`,
    `  covers       ${covers.join(', ')}`,
    `  signed by    ${issuer}`,
    `  SHA-256      ${fingerprint}`,
    `  valid until  ${new Date(notAfter).toISOString()}, ${daysLeft} days${daysLeft < 30 ? ': run mcp certs renew' : ''}`,
  ].join('\n');

function asText({ directory, authority, made, kept }: CertificatesReport): string {
  const lines = [
    `authority ${authority}`,
    ...made.map((vip) => `certificate of the VIP ${vip} made`),
    ...kept.map((vip) => `certificate of the VIP ${vip} kept`),
  ];
  return `${directory}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
