import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { McpError } from '../../../src/model/failure.ts';
import { createFleet } from '../../../src/transport/index.ts';
import { describeCloud, sessionOver } from '../../../src/workflows/cloud.ts';
import { deployCloud } from '../../../src/workflows/deploy.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import type { Fault } from '../../support/wire.ts';
import { wiredCloud } from '../../support/wired-cloud.ts';
import { startInNamespace } from './watcher.ts';

/** Harm to the wire of one host in the course of a deploy. */
export interface HarmedWire {
  readonly host: string;
  readonly fault: Fault;
}

/** What became of a deploy through wires. */
export interface WiredDeploy {
  /** `done`, the code of its failure, or `bug`. */
  readonly outcome: string;
  readonly words: string;
  readonly seconds: number;
  /** Whether it came to the byte. */
  readonly isStruck: boolean;
  /** By host, how many bytes went each way. */
  readonly bytes: Readonly<Record<string, Readonly<Record<'to-host' | 'to-client', number>>>>;
}

/** Deploys an inventory with every host reached through a wire, one of them harmed; in a process inside the namespace. */
export async function deployThroughWires(
  { inventory, namespace }: { readonly inventory: string; readonly namespace: string },
  harmed?: HarmedWire,
): Promise<WiredDeploy> {
  const words = [fileURLToPath(import.meta.url), 'deploy', inventory, JSON.stringify(harmed ?? {})];
  const child = startInNamespace(namespace, words);
  const ended = once(child, 'close');
  const said = await text(child.stdout);
  await ended;
  return JSON.parse(said.trim().split('\n').at(-1) ?? '');
}

async function deploy(inventory: string, { host, fault }: Partial<HarmedWire>): Promise<WiredDeploy> {
  const cloud = await describeCloud((await loadTopology(inventory)).topology);
  const directory = await mkdtemp(join(tmpdir(), 'mcp-wires-'));
  try {
    await using wired = await wiredCloud(cloud, directory);
    const wire = wired.wires.get(host ?? '');
    if (fault !== undefined) wire?.arm(fault);
    const began = performance.now();
    const ended = await deployed(cloud, wired.cloud.topology.hosts);
    return {
      ...ended,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      isStruck: wire?.isStruck ?? false,
      bytes: Object.fromEntries([...wired.wires].map(([name, { bytes }]) => [name, bytes])),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function deployed(
  cloud: Awaited<ReturnType<typeof describeCloud>>,
  hosts: Parameters<typeof createFleet>[0],
): Promise<Pick<WiredDeploy, 'outcome' | 'words'>> {
  await using session = sessionOver(cloud, createFleet(hosts));
  const never = new AbortController().signal;
  try {
    await deployCloud(session, {
      overwriteDrift: false,
      confirm: async () => true,
      emit: () => undefined,
      signals: { soft: never, hard: never },
    });
    return { outcome: 'done', words: '' };
  } catch (failure) {
    if (failure instanceof McpError) return { outcome: failure.code, words: failure.message };
    return { outcome: 'bug', words: failure instanceof Error ? `${failure.stack}` : String(failure) };
  }
}

const [, , task, inventory, harmed] = process.argv;
if (task === 'deploy' && inventory !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await deploy(inventory, JSON.parse(harmed ?? '{}'))));
  // A connection that is half-open would hold this process.
  process.exit(0);
}
