/**
 * `npm run bench`: what `mcp plan` with nothing to change costs over the hosts of a deployed lab, against parallel
 * OpenSSH `true` to the same hosts, and the network round trips of it. That those do not grow is watched by
 * test/workflows/round-trips.test.ts without a lab; here a slowed-down wire says the same of real hosts.
 * Words: [inventory] [pairs]. Results go to the terminal and to .bench/observation.json.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../src/model/host.ts';
import type { Topology } from '../../src/model/topology.ts';
import { tableAsText } from '../../src/report/index.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { runInNamespace } from '../../src/workflows/namespace.ts';
import { countRoundTrips, middle } from './round-trips.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [inventory = `${root}inventories/lab.yaml`, pairs = '15'] = process.argv.slice(2);

const { topology } = await loadTopology(inventory);
const { namespace } = topology.inventory.ssh;

async function bench({ hosts }: Topology): Promise<number> {
  const plan: number[] = [];
  const ssh: number[] = [];
  await planOnce();
  await sshOnce(hosts);
  for (let pair = 0; pair < Number(pairs); pair += 1) {
    // A B, B A, A B …: what drifts meanwhile meets both alike.
    const sides = [async () => plan.push(await planOnce()), async () => ssh.push(await sshOnce(hosts))];
    for (const side of pair % 2 === 0 ? sides : sides.toReversed()) await side();
  }
  const { hosts: counted, largest, byDelay } = await countRoundTrips(inventory);
  const ratio = middle(plan) / middle(ssh);
  const result = {
    at: new Date().toISOString(),
    hosts: hosts.length,
    pairs: plan.length,
    planMilliseconds: plan,
    sshMilliseconds: ssh,
    ratio,
    roundTrips: counted,
    largestHost: largest,
    roundTripsByDelay: byDelay,
    node: process.version,
    cores: cpus().length,
    load: loadavg()[0],
  };
  await mkdir(`${root}.bench`, { recursive: true });
  await writeFile(`${root}.bench/observation.json`, `${JSON.stringify(result, null, 2)}\n`);
  print(
    tableAsText(
      ['', 'median', 'fastest', 'slowest'],
      [
        [`mcp plan, nothing to change, ${hosts.length} hosts`, ...figures(plan)],
        [`ssh HOST true to all ${hosts.length} at once`, ...figures(ssh)],
      ],
    ),
  );
  print(`ratio of the medians ${ratio.toFixed(2)} over ${plan.length} pairs (aim: 1.2)`);
  print(
    tableAsText(
      ['host', 'round trips', 'kB'],
      counted.map(({ host, turns, kilobytes }) => [host, `${turns}`, `${kilobytes}`]),
    ),
  );
  print(`round trips to ${largest} that wait for each other, by delaying the wire: ${byDelay} (aim: 9)`);
  return 0;
}

/** Milliseconds of one `bin/mcp plan`; anything but "nothing to change" is no benchmark. */
async function planOnce(): Promise<number> {
  const words = ['plan', '-i', inventory, '--detailed-exitcode'];
  return timed(() => exitOf(`${root}bin/mcp`, words));
}

/** Milliseconds until ssh came back from every host; fresh connections, keys and known_hosts as the program has them. */
const sshOnce = (hosts: readonly Host[]): Promise<number> =>
  timed(async () => {
    const codes = await Promise.all(hosts.map((host) => exitOf('ssh', sshWords(host))));
    return Math.max(...codes);
  });

const sshWords = ({ ssh, addresses }: Host): readonly string[] => [
  '-F',
  'none',
  '-o',
  'BatchMode=yes',
  '-o',
  'ControlPath=none',
  '-o',
  'StrictHostKeyChecking=yes',
  '-o',
  `UserKnownHostsFile=${ssh.knownHosts}`,
  ...ssh.identityFiles.flatMap((file) => ['-o', 'IdentitiesOnly=yes', '-i', file]),
  '-p',
  `${ssh.port}`,
  `${ssh.user}@${addresses.management}`,
  'true',
];

async function timed(run: () => Promise<number>): Promise<number> {
  const begun = performance.now();
  const exitCode = await run();
  const took = performance.now() - begun;
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}: the bench needs a lab that is deployed`);
  return took;
}

async function exitOf(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : -1;
}

const figures = (milliseconds: readonly number[]): readonly string[] =>
  [middle(milliseconds), Math.min(...milliseconds), Math.max(...milliseconds)].map(
    (value) => `${(value / 1000).toFixed(3)} s`,
  );

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

// Both sides are timed from inside, so that neither pays for getting there.
process.exitCode = (await runInNamespace(namespace)) ?? (await bench(topology));
