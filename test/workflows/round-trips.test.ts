import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { questionFor } from '../../src/execute/observation-program.ts';
import type { Host } from '../../src/model/host.ts';
import { reachable } from '../../src/model/observed.ts';
import { isEmpty, type Plan } from '../../src/model/plan.ts';
import { createFleet } from '../../src/transport/index.ts';
import { makeCertificates } from '../../src/workflows/certs.ts';
import { type Cloud, describeCloud, sessionOver } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { planCloud } from '../../src/workflows/plan.ts';
import { makeSecrets } from '../../src/workflows/secrets.ts';
import { afterDeploy } from '../support/hosts-over-ssh.ts';
import { observationReply } from '../support/observation-reply.ts';
import { freshHost, observe, type SimulatedHosts } from '../support/simulated-hosts.ts';
import {
  byReply,
  pinned,
  readableKeyPair,
  type SshServer,
  sshFolder,
  sshServer,
} from '../support/ssh-server.ts';
import { turnTakingNetwork } from '../support/turn-taking-network.ts';

/**
 * TCP, who speaks what, the exchange of keys, the wish to log in, which key, its signature, a channel, a shell, and the
 * program with its answer. All hosts are asked at once, and nobody waits for a goodbye.
 */
const roundTripsOfAPlan = 9;

const folder = sshFolder();
afterAll(() => folder[Symbol.dispose]());

test.each([['lab.yaml'], ['reference.yaml']])(
  '%s: a plan with nothing to do waits for nine round trips',
  async (name) => {
    const cloud = await shipped(name);
    const { plan, roundTrips } = await planOver(cloud, afterDeploy(cloud, freshHostsOf(cloud)));
    expect(plan.refusals).toEqual([]);
    expect(isEmpty(plan)).toBe(true);
    expect(roundTrips).toBe(roundTripsOfAPlan);
  },
);

/** A shipped inventory as whoever has machines of their own copies it: without the lab, in a namespace for management. */
async function shipped(name: string): Promise<Cloud> {
  const file = join(folder.path, name);
  await copyFile(join('inventories', name), file);
  await makeSecrets(file);
  await makeCertificates(file, 'none');
  const { topology } = await loadTopology(file);
  return describeCloud({ ...topology, inventory: { ...topology.inventory, lab: undefined } });
}

const freshHostsOf = ({ topology }: Cloud): SimulatedHosts =>
  new Map(topology.hosts.map(({ name }) => [name, freshHost]));

/** Plans over ssh to servers that answer as these hosts would, and counts until every connection is closed. */
async function planOver(
  cloud: Cloud,
  hosts: SimulatedHosts,
): Promise<{ readonly plan: Plan; readonly roundTrips: number }> {
  await using network = turnTakingNetwork();
  const servers: SshServer[] = [];
  const keys = { hostKey: readableKeyPair(), userKey: readableKeyPair() };
  const identityFiles = [folder.write('user', keys.userKey.private)];
  const observed = observe(hosts, cloud.desired);
  const lines: string[] = [];
  const within = async (host: Host): Promise<Host> => {
    const seen = reachable(observed, host.name);
    if (seen === undefined) throw new Error(`${host.name} is not deployed`);
    const question = questionFor(cloud.desired.hosts.get(host.name), 'state');
    const reply = observationReply(seen, question);
    const server = await sshServer(
      keys,
      byReply(() => reply),
    );
    servers.push(server);
    const port = await network.leadTo(server.port);
    lines.push(pinned(port, keys.hostKey));
    const ssh = { ...host.ssh, port, identityFiles, knownHosts: join(folder.path, 'known') };
    return { ...host, addresses: { ...host.addresses, management: '127.0.0.1' }, ssh };
  };
  const reached = await Promise.all(cloud.topology.hosts.map(within));
  folder.write('known', lines.join(''));
  const fleet = createFleet(reached, { agentSocket: undefined });
  const { plan } = await planCloud(sessionOver(cloud, fleet));
  await fleet[Symbol.asyncDispose]();
  for (const server of servers) await server[Symbol.asyncDispose]();
  return { plan, roundTrips: network.roundTrips };
}
