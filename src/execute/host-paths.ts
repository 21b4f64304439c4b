/** Where `mcp` keeps its state on a host. Tests put it elsewhere. */
export interface HostPaths {
  /** Survives power cycles: records, applied files, runs. */
  readonly state: string;
  /** Gone after a power cycle, and there even when the disk is full. */
  readonly volatile: string;
  /** In a folder that only root can enter. */
  readonly lock: string;
  /** Unit files of this host's own. */
  readonly units: string;
  /** What versions before this one lock. */
  readonly formerLock: string;
  /** What Debian's maintainer scripts ask whether they may start a daemon. */
  readonly startPolicy: string;
}

export const hostPaths: HostPaths = {
  state: '/var/lib/mcp',
  volatile: '/run',
  lock: '/run/mcp-lock/lock',
  formerLock: '/run/lock/mcp.lock',
  units: '/etc/systemd/system',
  startPolicy: '/usr/sbin/policy-rc.d',
};
