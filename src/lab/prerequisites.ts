import { access, constants } from 'node:fs/promises';
import { McpError } from '../model/failure.ts';
import { environment } from './command.ts';

/** Programs that the lab runs on this machine, with the Debian package that has each. */
const packageOf: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  nsenter: 'util-linux',
  flock: 'util-linux',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
  'mkfs.ext4': 'e2fsprogs',
  nft: 'nftables',
  ip: 'iproute2',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  'apt-ftparchive': 'apt-utils',
  openssl: 'openssl',
};

/** Refuses, with everything that is missing in one message, to do lab work where it can't succeed. */
export async function requireLabMachine(): Promise<void> {
  if (process.platform !== 'linux')
    throw new McpError('prerequisite-missing', 'the lab needs Linux (Debian 12)');
  if (process.getuid?.() !== 0) {
    throw new McpError('prerequisite-missing', 'the lab boots real hosts and needs root', {
      hint: 'run the command with sudo',
    });
  }
  const programs = Object.keys(packageOf);
  const present = await Promise.all(programs.map(isInstalled));
  const missing = programs.filter((_, index) => present[index] === false);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => packageOf[program]))].sort();
  throw new McpError('prerequisite-missing', `the lab needs ${missing.join(', ')}, missing on this machine`, {
    hint: `apt-get install ${packages.join(' ')}`,
  });
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = (environment()['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const found = await Promise.all(folders.map((folder) => isExecutable(`${folder}/${program}`)));
  return found.includes(true);
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
