import type { ResolvedVip } from '../model/topology.ts';

/**
 * The files by which Keepalived on a host is told what it may hold. The marks are on disk, so that a host that loses
 * power while it is being worked on does not take a VIP when it comes back.
 */
export const marksDirectory = '/var/lib/mcp/maintenance';

/** 1 while an operator has the whole host in maintenance: it holds no VIP. */
export const maintenanceMark = `${marksDirectory}/keepalived`;

/** 1 while `mcp` works on what serves this VIP on the host: it does not hold it. */
export const vipMark = ({ name }: Pick<ResolvedVip, 'name'>): string => `${marksDirectory}/vip-${name}`;

/** What Keepalived last said of its instance for this VIP: MASTER, BACKUP, FAULT or STOP. */
export const vrrpStateFile = ({ name }: Pick<ResolvedVip, 'name'>): string => `/run/mcp/vrrp-${name}`;
