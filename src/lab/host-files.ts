import { createHash } from 'node:crypto';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LabDescription, LabHost, Link } from './description.ts';
import type { HostFile } from './host-file.ts';
import { recorderFiles, recorderLink } from './recorder.ts';

export interface HostKeys {
  /** PEM of the host's own sshd key, and its public half. */
  readonly hostKey: string;
  readonly hostKeyPublic: string;
  /** Public key that may log in as root. */
  readonly authorized: string;
}

/** The files that make a fresh host this host. */
export function hostFiles(lab: LabDescription, host: LabHost, keys: HostKeys): readonly HostFile[] {
  return [
    { path: '/etc/hostname', content: `${host.name}\n`, mode: 0o644 },
    { path: '/etc/hosts', content: hostsFile(host), mode: 0o644 },
    { path: '/etc/machine-id', content: `${machineId(lab, host)}\n`, mode: 0o444 },
    { path: '/etc/ssh/ssh_host_ed25519_key', content: keys.hostKey, mode: 0o600 },
    { path: '/etc/ssh/ssh_host_ed25519_key.pub', content: keys.hostKeyPublic, mode: 0o644 },
    { path: '/etc/ssh/sshd_config.d/lab.conf', content: `Port ${host.sshPort}\n`, mode: 0o644 },
    { path: '/root/.ssh/authorized_keys', content: keys.authorized, mode: 0o600 },
    ...host.links.map((link) => ({
      path: `/etc/systemd/network/10-${link.interface}.network`,
      content: networkFile(link),
      mode: 0o644,
    })),
    ...(host.isRecorder ? recorderFiles(host.links[0]?.interface ?? 'host0') : []),
  ];
}

/** Writes a host's files into its layer, which must not be mounted. */
export async function writeHostFiles(
  layer: string,
  host: LabHost,
  files: readonly HostFile[],
): Promise<void> {
  for (const { path, content, mode } of files) {
    const file = join(layer, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
  }
  // A folder in the layer decides about the folder's mode in the whole: these two are private.
  await chmod(join(layer, 'root'), 0o700);
  await chmod(join(layer, 'root/.ssh'), 0o700);
  await mask(layer, 'console-getty.service');
  if (host.isRecorder) await link(join(layer, recorderLink.path), recorderLink.target);
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

const mask = (layer: string, unit: string): Promise<void> =>
  link(join(layer, 'etc/systemd/system', unit), '/dev/null');

const hostsFile = ({ name }: LabHost): string =>
  ['127.0.0.1 localhost', `127.0.1.1 ${name}`, '::1 localhost ip6-localhost ip6-loopback', ''].join('\n');

/** The same host of the same lab is the same machine again when it is made anew. */
const machineId = (lab: LabDescription, host: LabHost): string =>
  createHash('sha256').update(`${lab.directory} ${lab.name} ${host.name}`).digest('hex').slice(0, 32);

const networkFile = (link: Link): string =>
  [
    '[Match]',
    `Name=${link.interface}`,
    '[Network]',
    ...link.addresses.map((address) => `Address=${address}`),
    'LinkLocalAddressing=no',
    'IPv6AcceptRA=no',
    '',
  ].join('\n');
