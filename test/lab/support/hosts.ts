import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { type Release, releases } from '../../../src/model/release.ts';
import { type LabOf, root } from './mcp.ts';

/** What was started when, for every unit of ours: two equal snapshots mean that nothing was restarted. */
export async function unitStarts(
  lab: LabOf,
  hosts: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const units =
    'haproxy-api haproxy-sql keepalived mariadb mcp-galera-agent rabbitmq-server memcached nginx horizon mcp-firewall' +
    ' keystone glance-api placement-api nova-api nova-conductor nova-scheduler neutron-api neutron-rpc-server neutron-periodic-workers';
  const show = `systemctl show ${units} -p Id,MainPID,ActiveEnterTimestampMonotonic,LoadState`;
  return onEach(lab, hosts, show);
}

/** Content and time of every file that mcp manages: two equal snapshots mean that nothing was written. */
export const managedFiles = (
  lab: LabOf,
  hosts: readonly string[],
): Promise<Readonly<Record<string, string>>> =>
  onEach(
    lab,
    hosts,
    `awk '{ print $2 }' /var/lib/mcp/files | while read -r path; do stat -c '%n %Y %s' "$path"; sha256sum < "$path"; done`,
  );

/** What a line of sh prints on each host. */
export async function onEach(
  lab: LabOf,
  hosts: readonly string[],
  line: string,
): Promise<Readonly<Record<string, string>>> {
  const replies = await Promise.all(hosts.map(async (host) => [host, await lab.on(host, line)] as const));
  return Object.fromEntries(replies);
}

/** The release that a host runs. */
export async function releaseOf(lab: LabOf, host: string): Promise<Release> {
  const said = await lab.on(host, '. /etc/os-release; echo "$VERSION_CODENAME"');
  const release = releases.find((each) => each === said);
  if (release === undefined) throw new Error(`${host} runs ${said}`);
  return release;
}

/** The generated secrets of an inventory, for tests that look for them where they must not be. */
export async function secretsOf(file: string): Promise<Readonly<Record<string, string>>> {
  return parse(await readFile(`${root}inventories/${file}`, 'utf8'));
}

/** The hosts that have an address now. */
export async function holdersOf(
  lab: LabOf,
  hosts: readonly string[],
  address: string,
): Promise<readonly string[]> {
  const held = await onEach(lab, hosts, `ip -4 -o addr show | grep -c ' ${address}/' || true`);
  return hosts.filter((host) => held[host] !== '0');
}
