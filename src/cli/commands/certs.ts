import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
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

interface CertsOptions {
  readonly inventory: string;
  readonly renew?: true | readonly string[];
}

/** `mcp certs init`, `renew`, `rotate` and `show`. */
export const certsCommand = (deployer: Deployer, print: (text: string) => void): Command =>
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
      new Command('rotate')
        .description(
          'replace the authority in three turns, each followed by a deploy: announced, signs, dropped',
        )
        .requiredOption('-i, --inventory <file>', 'inventory file')
        .action(async ({ inventory }: { inventory: string }) => {
          process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
            print(turns[await rotateCertificates(inventory, () => cloud.plan({}))]);
            return exitCodes.done;
          });
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

const turns: Readonly<Record<AuthorityTurn, string>> = {
  announced:
    'a new authority stands beside the former in ca.crt: run mcp deploy, give ca.crt to clients that have their own, then run this again',
  signs:
    'the new authority has signed all certificates: run mcp deploy, then run this again once no client needs the former',
  dropped: 'the former authority is gone from ca.crt: run mcp deploy',
};

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
