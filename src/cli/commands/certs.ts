import { Command } from 'commander';
import { ownerInWords } from '../../model/certificate.ts';
import { exitCodes } from '../../model/failure.ts';
import type { Output } from '../../report/index.ts';
import {
  type AuthorityTurn,
  type CertificatesReport,
  makeCertificates,
  renewCertificates,
  rotateCertificates,
  type ShownCertificate,
  showCertificates,
} from '../../workflows/certs.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';
import { keyPasswords } from '../key-password.ts';

interface CertsOptions {
  readonly inventory: string;
  readonly renew?: true | readonly string[];
}

/** `mcp certs init`, `renew`, `rotate` and `show`. */
export function certsCommand(deployer: Deployer, output: Output): Command {
  const print = (text: string) => output.print(text);
  const askPassword = keyPasswords(output);
  return new Command('certs')
    .description('the private authority, and the certificates of VIPs and hosts')
    .addCommand(
      new Command('init')
        .description('make the authority and the certificates that are missing; what exists stays')
        .addOption(inventoryOption())
        .option(
          '--renew [certificate...]',
          'make these anew; without names those that expired or no longer fit',
        )
        .action(async ({ inventory, renew }: CertsOptions) => {
          const wanted = renew === true ? 'unfit' : (renew ?? 'none');
          print(asText(await makeCertificates(inventory, wanted, askPassword)));
        }),
    )
    .addCommand(
      new Command('renew')
        .description('make certificates anew, all or these; the authority stays')
        .argument(
          '[certificate...]',
          'names of VIPs and hosts; vip-NAME or host-NAME where one is called like the other',
        )
        .addOption(inventoryOption())
        .action(async (names: readonly string[], { inventory }: { inventory: string }) => {
          print(
            `${asText(await renewCertificates(inventory, names, askPassword))}\nhosts get them with mcp deploy`,
          );
        }),
    )
    .addCommand(
      new Command('rotate')
        .description(
          'replace the authority in three turns, each followed by a deploy: announced, signs, dropped',
        )
        .addOption(inventoryOption())
        .action(async ({ inventory }: { inventory: string }) => {
          process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
            print(turns[await rotateCertificates(inventory, () => cloud.plan({}), askPassword)]);
            return exitCodes.done;
          });
        }),
    )
    .addCommand(
      new Command('show')
        .description('what each certificate covers, who signed it, and until when it is valid')
        .addOption(inventoryOption())
        .option('--json', 'as JSON', false)
        .action(async ({ inventory, json }: { inventory: string; json: boolean }) => {
          const shown = await showCertificates(inventory, Date.now(), askPassword);
          print(json ? JSON.stringify(shown, undefined, 2) : shown.map(certificateText).join('\n'));
        }),
    );
}

const turns: Readonly<Record<AuthorityTurn, string>> = {
  announced:
    'a new authority stands beside the former in ca.crt: run mcp deploy, give ca.crt to clients that have their own, then run this again',
  signs:
    'the new authority has signed all certificates: run mcp deploy, then run this again once no client needs the former',
  dropped: 'the former authority is gone from ca.crt: run mcp deploy',
};

const certificateText = ({
  vip,
  host,
  covers,
  issuer,
  fingerprint,
  notAfter,
  daysLeft,
  renewal,
}: ShownCertificate): string =>
  [
    vip ?? `${host}`,
    `  covers       ${covers.join(', ')}`,
    `  signed by    ${issuer}`,
    `  SHA-256      ${fingerprint}`,
    `  valid until  ${new Date(notAfter).toISOString()}, ${daysLeft} days${daysLeft < 30 ? `: ${renewal}` : ''}`,
  ].join('\n');

function asText({ directory, authority, made, kept }: CertificatesReport): string {
  const lines = [
    `authority ${authority}`,
    ...made.map((owner) => `certificate of ${ownerInWords(owner)} made`),
    ...kept.map((owner) => `certificate of ${ownerInWords(owner)} kept`),
  ];
  return `${directory}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
