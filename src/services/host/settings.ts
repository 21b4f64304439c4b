import { z } from 'zod';
import { cidr } from '../../model/address-shape.ts';

/** Names that a DNS or NTP client takes; nothing that could begin another word or line. */
const hostName = z.string().regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address');

export const hostSettings = z.strictObject({
  timeServers: z
    .array(hostName)
    .default([])
    .describe('NTP servers of your own; when there is one, the pools are not asked'),
  timePools: z
    .array(hostName)
    .default(['2.debian.pool.ntp.org'])
    .describe('NTP pools that are asked where no servers are named'),
  maxClockSkewMilliseconds: z
    .int()
    .min(1)
    .max(60_000)
    .default(500)
    .describe('Difference between the clocks of two hosts from which on the cloud counts as unhealthy'),
  minFreeDiskMegabytes: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(1024)
    .describe('Free space on the disk of a host below which the cloud counts as unhealthy'),
  trustedNetworks: z
    .array(cidr)
    .default([])
    .describe(
      'Networks without hosts of this cloud that may reach what otherwise only they do on the VIPs (SQL, the management of RabbitMQ): programs of operators, services of their own, and where the failover drill is started',
    ),
  heldBackPackages: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9^$.*+|()-]+$/, 'must be a regular expression of a package name')
        // unattended-upgrades ends where one is none, and then nothing is upgraded. Of these characters Python makes the same.
        .refine(isExpression, 'is no regular expression'),
    )
    .default([
      '^mariadb-',
      '^galera-',
      '^rabbitmq-',
      '^erlang-',
      '^haproxy',
      '^keepalived',
      '^nginx',
      '^memcached',
    ])
    .describe('Packages (regular expressions) that unattended-upgrades leaves alone'),
});

export type HostSettings = z.infer<typeof hostSettings>;

function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
