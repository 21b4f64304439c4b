import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameInKnownHosts } from '../../src/transport/known-hosts.ts';
import type { Cloud } from '../../src/workflows/cloud.ts';
import { startWire, type Wire } from './wire.ts';

/** A cloud whose hosts are reached through wires of ours. */
export interface WiredCloud extends AsyncDisposable {
  readonly cloud: Cloud;
  /** By host. */
  readonly wires: ReadonlyMap<string, Wire>;
}

/** The same cloud, each host reached through a wire, under the keys that are pinned for it. `directory` gets a file of them. */
export async function wiredCloud(cloud: Cloud, directory: string): Promise<WiredCloud> {
  const wires = new Map<string, Wire>();
  for (const { name, addresses, ssh } of cloud.topology.hosts) {
    wires.set(name, await startWire(addresses.management, { port: ssh.port }));
  }
  const knownHosts = join(directory, 'known_hosts');
  const lines = await Promise.all(
    cloud.topology.hosts.map(async ({ name, addresses, ssh }) => {
      const pinned = (await readFile(ssh.knownHosts, 'utf8')).split('\n');
      const named = nameInKnownHosts({ address: addresses.management, port: ssh.port });
      return pinned
        .filter((line) => line.split(' ')[0] === named)
        .map((line) => line.replace(/^\S+/, `[127.0.0.1]:${wires.get(name)?.port}`));
    }),
  );
  await writeFile(knownHosts, `${lines.flat().join('\n')}\n`, { mode: 0o600 });
  const hosts = cloud.topology.hosts.map((host) => ({
    ...host,
    addresses: { ...host.addresses, management: '127.0.0.1' },
    ssh: { ...host.ssh, port: wires.get(host.name)?.port ?? 0, knownHosts },
  }));
  return {
    cloud: { ...cloud, topology: { ...cloud.topology, hosts } },
    wires,
    async [Symbol.asyncDispose]() {
      for (const wire of wires.values()) await wire[Symbol.asyncDispose]();
    },
  };
}
