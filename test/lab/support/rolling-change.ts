import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hostPaths } from '../../../src/execute/host-paths.ts';
import { onEach } from './hosts.ts';
import { type LabOf, labOf, root } from './mcp.ts';
import { override, variantOf } from './variant.ts';

/** A change of the lab's inventory with steps of every kind, and how to find that it was made once and whole. */
export interface RollingChange {
  /** The lab as it is to be. */
  readonly lab: LabOf;
  /** What is not as after a run that nobody disturbed, in words; empty: nothing. `since`: seconds since the epoch, by a host. */
  wrong(since: Readonly<Record<string, string>>): Promise<readonly string[]>;
}

const inventory = 'inventories/lab.yaml';
export const everyHost = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
const control = ['ctl01', 'ctl02', 'ctl03'];

/** Which hosts a rolling change guards a firewall's rule on, and on which it restarts Keystone. */
export interface Extent {
  readonly firewall: readonly string[];
  readonly keystone: readonly string[];
}

const whole: Extent = { firewall: everyHost, keystone: control };

/** Steps of the same kinds on fewer hosts: half as long, for who has to make many of them. */
export const narrow: Extent = { firewall: ['ctl01', 'prx01'], keystone: ['ctl02', 'ctl03'] };

/**
 * Files that nobody notices on all hosts, a firewall's rule and a proxy's setting that are guarded, and a restart of
 * instances that are taken out of the load balancers, each of them told apart by `mark`.
 */
export async function rollingChange(
  mark: number,
  { firewall, keystone }: Extent = whole,
): Promise<RollingChange> {
  const variant = await variantOf(inventory);
  const template = await readFile(join(root, 'templates/nginx/nginx.conf.hbs'), 'utf8');
  const proxied = template.replace(
    '  sendfile on;\n',
    `  sendfile on;\n  map_hash_max_size ${3000 + mark};\n`,
  );
  expect(proxied).not.toBe(template);
  await override(variant, 'all/etc/apt/apt.conf.d/52mcp-held-back.append', `// mark ${mark}\n`);
  await override(variant, 'all/templates/nginx/nginx.conf.hbs', proxied);
  const rule = `add rule inet mcp input tcp dport ${40_000 + mark} drop\n`;
  for (const host of firewall) await override(variant, `host/${host}/etc/mcp/firewall.nft.append`, rule);
  const lifetime = `[token]\nexpiration = ${3600 + mark}\n`;
  for (const host of keystone)
    await override(variant, `host/${host}/etc/keystone/keystone.conf.merge`, lifetime);
  const lab = labOf(variant.inventory);
  // A variant is another folder: only the lab itself has the way into its hosts.
  const hosts = labOf(inventory);
  return {
    lab,
    async wrong(since) {
      const plan = await lab.mcp('plan', '--detailed-exitcode');
      const left = await onEach(hosts, everyHost, leftOfRuns);
      const rules = await onEach(
        hosts,
        firewall,
        `nft list chain inet mcp input | grep -c 'tcp dport ${40_000 + mark} ' || true`,
      );
      const starts = await Promise.all(
        keystone.map(
          async (host) => [host, await hosts.on(host, startsOf('keystone', since[host]))] as const,
        ),
      );
      return [
        ...(plan.exitCode === 0 ? [] : [`plan exits ${plan.exitCode}:\n${plan.output}`]),
        ...Object.entries(left).flatMap(([host, found]) => (found === '' ? [] : [`${host} has ${found}`])),
        ...Object.entries(rules).flatMap(([host, count]) =>
          count === '1' ? [] : [`${host} has the rule ${count} times`],
        ),
        ...starts.flatMap(([host, count]) =>
          count === '1' ? [] : [`${host} has started Keystone ${count} times`],
        ),
      ];
    },
  };
}

/** The hour of each host, for `wrong`. */
export const hostsNow = (lab: LabOf): Promise<Readonly<Record<string, string>>> =>
  onEach(lab, everyHost, 'date +%s.%N');

const startsOf = (unit: string, since = '0'): string =>
  `journalctl --quiet -u ${unit} --since @${since} -o cat | grep -c '^Started ' || true`;

/** What a run keeps while it lives: transient units, guards, marks of who left, policies, half-written files, its lock. */
const leftOfRuns = [
  `systemctl list-units --all --plain --no-legend 'mcp-2*' | cut -d ' ' -f 1`,
  `ls -d ${hostPaths.units}/mcp-2* ${hostPaths.startPolicy}* ${hostPaths.state}/units/left-* ${hostPaths.state}/*.new 2>/dev/null`,
  `find /etc ${hostPaths.state} -name .mcp-new`,
  `flock -n ${hostPaths.lock} true || echo a lock that is held`,
  'true',
].join('\n');
