import { readFile } from 'node:fs/promises';
import { questionFor } from '../../src/execute/observation-program.ts';
import { membershipIn, reachable } from '../../src/model/observed.ts';
import { planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { makeSecrets } from '../../src/workflows/secrets.ts';
import { observationReply } from './observation-reply.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from './simulated-hosts.ts';
import {
  byReply,
  type KeyPair,
  pinned,
  readableKeyPair,
  type SshFolder,
  type SshServer,
  sshFolder,
  sshServer,
} from './ssh-server.ts';

/** Five ssh servers that answer a look as hosts of a lab would, and change nothing. */
export interface HostsOverSsh extends AsyncDisposable {
  readonly folder: SshFolder;
  readonly inventory: string;
  readonly hostKey: KeyPair;
  readonly fresh: SimulatedHosts;
  readonly deployed: SimulatedHosts;
  /** From now on they are like this. */
  become(hosts: SimulatedHosts): void;
  /** Pins their keys, or what is said instead. */
  pin(lines?: string): string;
}

export async function hostsOverSsh(): Promise<HostsOverSsh> {
  const folder = sshFolder();
  const keys = { hostKey: readableKeyPair(), userKey: readableKeyPair() };
  const servers: SshServer[] = [];
  let replyOf = (name: string): string => name;
  let known = '';
  let text = await readFile('inventories/lab.yaml', 'utf8');
  for (const [index, name] of names.entries()) {
    const address = `127.0.77.${11 + index}`;
    const serve = byReply(() => replyOf(name));
    const server = await sshServer(keys, serve, { address });
    servers.push(server);
    known += pinned(server.port, keys.hostKey, address);
    text = text.replace(`  ${name}: { `, `  ${name}: { ssh: { port: ${server.port} }, `);
  }
  folder.write('user', keys.userKey.private);
  folder.write('known_hosts', known);
  const inventory = folder.write('cloud.yaml', onThisMachine(text));
  await makeSecrets(inventory);
  const cloud = await describeCloud((await loadTopology(inventory)).topology);
  const fresh: SimulatedHosts = new Map(names.map((name) => [name, freshHost]));
  return {
    ...{ folder, inventory, fresh },
    hostKey: keys.hostKey,
    deployed: afterDeploy(cloud, fresh),
    become(hosts) {
      const observed = observe(hosts, cloud.desired);
      replyOf = (name) => {
        const seen = reachable(observed, name);
        if (seen === undefined) throw new Error(`no host ${name}`);
        return observationReply(seen, questionFor(cloud.desired.hosts.get(name), 'everything'));
      };
    },
    pin(lines = known) {
      folder.write('known_hosts', lines);
      return known;
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const names = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];

/** The lab's inventory without what needs certificates or a lab. */
const onThisMachine = (text: string): string =>
  text
    .replaceAll('10.77.0.', '127.0.77.')
    .replace(/^ssh: .*$/m, 'ssh: { user: root, identityFile: user, knownHosts: known_hosts }')
    .replaceAll(', tls: true', '')
    .replace(/^lab: .*$/m, '')
    .replace('debian }', 'debian, release: bookworm }')
    .replace('secrets: lab.secrets.yaml', 'secrets: cloud.secrets.yaml');

/** Hosts once everything was done that is planned for fresh ones. */
export function afterDeploy({ topology, desired }: Cloud, fresh: SimulatedHosts): SimulatedHosts {
  const observed = observe(fresh, desired);
  const membership = { recorded: membershipIn(observed, topology.cloud), all: topology };
  const plan = planChanges({ topology, services, desired, observed, membership, overwriteDrift: false });
  const done = actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, desired), fresh);
  return new Map([...done].map(([name, host]) => [name, { ...host, cloud: topology.cloud }]));
}
