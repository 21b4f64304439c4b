import type { LabHost } from './description.ts';
import type { HostFile } from './host-file.ts';

/**
 * Debian's initramfs mounts /run so that nothing there can be executed; systemd-nspawn does not. A hardened host has /tmp
 * like that, too.
 */
export const mountUnit = ({ habits }: Pick<LabHost, 'habits'>): HostFile => ({
  path: '/etc/systemd/system/lab-mounts.service',
  content: [
    '[Unit]',
    'Description=Nothing below /run can be executed',
    'DefaultDependencies=no',
    'Before=sysinit.target',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    // Of this mount alone, not of its file system: that keeps its size.
    ...['/run', ...(habits?.tmpNoexec === true ? ['/tmp'] : [])].map(
      (folder) => `ExecStart=/bin/mount -o remount,bind,noexec,nosuid,nodev ${folder}`,
    ),
    '',
  ].join('\n'),
  mode: 0o644,
});

/** The unit is started by this link, before all that is no part of the early boot. */
export const mountUnitLink = {
  path: 'etc/systemd/system/sysinit.target.wants/lab-mounts.service',
  target: '/etc/systemd/system/lab-mounts.service',
} as const;
