import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LabDescription, LabHost, Link } from './description.ts';
import type { HostFile } from './host-file.ts';
import { mountUnit, mountUnitLink } from './mount-unit.ts';
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
    { path: '/etc/ssh/sshd_config.d/lab.conf', content: sshdFile(lab, host), mode: 0o644 },
    { path: '/root/.ssh/authorized_keys', content: keys.authorized, mode: 0o600 },
    ...host.links.map((link) => ({
      path: `/etc/systemd/network/10-${link.interface}.network`,
      content: networkFile(link),
      mode: 0o644,
    })),
    mountUnit(host),
    ...(host.habits?.language === undefined
      ? []
      : [{ path: '/etc/default/locale', content: `LANG=${host.habits.language}\n`, mode: 0o644 }]),
    ...(host.isRecorder ? recorderFiles(host.links[0]?.interface ?? 'host0') : []),
  ];
}

/** Writes a host's files into its layer, which must not be mounted. */
export async function writeHostFiles(
  layer: string,
  host: LabHost,
  files: readonly HostFile[],
): Promise<void> {
  for (const { path, content, mode, owner } of files) {
    const file = join(layer, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, mode);
    if (owner !== undefined) await giveTo(owner, file, join(layer, 'home'));
  }
  // A folder in the layer decides about the folder's mode in the whole: these two are private.
  await chmod(join(layer, 'root'), 0o700);
  await chmod(join(layer, 'root/.ssh'), 0o700);
  await mask(layer, 'console-getty.service');
  await link(join(layer, mountUnitLink.path), mountUnitLink.target);
  if (host.isRecorder) await link(join(layer, recorderLink.path), recorderLink.target);
}

/** With its folders, but for the one in which all homes are. */
async function giveTo(owner: number, path: string, homes: string): Promise<void> {
  if (!path.startsWith(`${homes}/`)) return;
  await chown(path, owner, owner);
  await giveTo(owner, dirname(path), homes);
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

const mask = (layer: string, unit: string): Promise<void> =>
  link(join(layer, 'etc/systemd/system', unit), '/dev/null');

/** Whoever is reached through a jump host lets in nobody else; root comes from here, as a console would. */
function sshdFile({ controller }: LabDescription, { sshPort, login }: LabHost): string {
  const allowed =
    login?.from === undefined
      ? []
      : [...controller.map((address) => `root@${address.split('/')[0]}`), `${login.user}@${login.from}`];
  return [`Port ${sshPort}`, ...(allowed.length === 0 ? [] : [`AllowUsers ${allowed.join(' ')}`]), ''].join(
    '\n',
  );
}

function hostsFile({ name, habits }: LabHost): string {
  if (habits?.cloudInitHosts !== true)
    return ['127.0.0.1 localhost', `127.0.1.1 ${name}`, '::1 localhost ip6-localhost ip6-loopback', ''].join(
      '\n',
    );
  return [
    "# Your system has configured 'manage_etc_hosts' as True.",
    '# As a result, if you wish for changes to this file to persist',
    '# then you will need to either',
    '# a.) make changes to the master file in /etc/cloud/templates/hosts.debian.tmpl',
    '# b.) change or remove the value of manage_etc_hosts in',
    '#     /etc/cloud/cloud.cfg or cloud-config from user-data',
    '#',
    `127.0.1.1 ${name}.novalocal ${name}`,
    '127.0.0.1 localhost',
    '',
    '# The following lines are desirable for IPv6 capable hosts',
    '::1 localhost ip6-localhost ip6-loopback',
    'ff02::1 ip6-allnodes',
    'ff02::2 ip6-allrouters',
    '',
  ].join('\n');
}

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
    ...(link.gateway === undefined ? [] : [`Gateway=${link.gateway}`]),
    '',
  ].join('\n');
