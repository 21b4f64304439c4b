import { cp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { deployedLab } from './deployed.ts';
import { type LabOf, labOf, root } from './mcp.ts';
import { awaitHealthy } from './steady.ts';
import { variantOf } from './variant.ts';

/** A lab that is plain, and the same with TLS inside: beside plain text, and alone. All three have the same certificates. */
export interface EncryptedLabs {
  readonly plain: LabOf;
  both(): LabOf;
  encrypted(): LabOf;
}

/** For all tests of a file, which begin with it plain and deployed, and leave it so wherever on the way they have ended. */
export function encryptedLabs(inventory: string): EncryptedLabs {
  const plain = labOf(inventory);
  let speaking: Speaking | undefined;
  beforeAll(async () => {
    await deployedLab(inventory);
    speaking = await speakingTls(inventory);
    await awaitHealthy(plain, 300);
  });
  afterAll(async () => {
    await leavePlain(plain, made().both);
    await plain.must('lab down');
  });
  const made = (): Speaking => {
    if (speaking === undefined)
      throw new Error('there is no encrypted lab before the tests of this file begin');
    return speaking;
  };
  return { plain, both: () => made().both, encrypted: () => made().encrypted };
}

type Speaking = Readonly<Record<'both' | 'encrypted', LabOf>>;

/** The lab itself gets the certificates of hosts, too: what is encrypted is put back to it. */
async function speakingTls(inventory: string): Promise<Speaking> {
  const both = await speaking(inventory, 'optional');
  // A plain cloud needs none of hosts, and those that lie there may be of an authority that was replaced since.
  const folder = join(dirname(both.inventory), `${basename(inventory, '.yaml')}.certs`);
  const ofHosts = (await readdir(folder)).filter((name) => name.startsWith('host-'));
  await Promise.all(ofHosts.map((name) => rm(join(folder, name))));
  await both.must('certs init');
  await cp(folder, join(root, dirname(inventory), basename(folder)), { recursive: true });
  return { both, encrypted: await speaking(inventory, 'true') };
}

async function leavePlain(plain: LabOf, both: LabOf): Promise<void> {
  const words = ['deploy', '--yes', '--overwrite-drift', '--lock-wait', '5m'] as const;
  if ((await plain.mcp(...words)).exitCode === 0) return;
  await both.must(...words);
  await plain.must(...words);
}

async function speaking(inventory: string, mode: 'optional' | 'true'): Promise<LabOf> {
  const settings = `services:\n  galera: { tls: ${mode} }\n  rabbitmq: { tls: ${mode} }\n`;
  return labOf((await variantOf(inventory, (text) => text.replace('services:\n', settings))).inventory);
}
