import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { McpError } from '../../../src/model/failure.ts';
import type { Host } from '../../../src/model/host.ts';
import type { Validator } from '../../../src/model/probe.ts';
import { services } from '../../../src/services/index.ts';
import { makeCertificates } from '../../../src/workflows/certs.ts';
import { type Cloud, describeCloud } from '../../../src/workflows/cloud.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import { renderCloud } from '../../../src/workflows/render.ts';
import { makeSecrets } from '../../../src/workflows/secrets.ts';
import { anyInventory } from '../../inventory/any-inventory.ts';
import { oneOfEachKind } from '../../inventory/kinds-of-hosts.ts';
import { asked, isOfPackage, validatorsOf } from './checkers.ts';

/** What is asked of a system that has the services: whether they accept these files, each host's in a folder of its own. */
export interface Questions {
  readonly questions: readonly string[];
  /** Network cards that some checkers want to see. */
  readonly cards: readonly string[];
  readonly inventories: readonly string[];
}

/**
 * Draws inventories of a release until so many are accepted, with secrets and certificates in one folder, and writes what is rendered of them below
 * `directory`: one host of each kind, without the files that were asked about already.
 */
export async function drawnFiles(
  directory: string,
  { release, count, seed }: { readonly release: string; readonly count: number; readonly seed: number },
): Promise<Questions> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-drawn-'));
  const file = join(folder, 'any.yaml');
  const seen = new Set<string>();
  const cards = new Set<string>();
  const lines: string[] = [];
  const inventories: string[] = [];
  try {
    for (const drawn of fc.sample(anyInventory(services), { numRuns: 3 * count, seed })) {
      if (inventories.length === count) break;
      const { secrets: _secrets, certificates: _certificates, overrides: _overrides, ...own } = drawn;
      const text = JSON.stringify({ ...own, platform: { distribution: 'debian', release } });
      await writeFile(file, text);
      const cloud = await cloudOf(file);
      const hosts = hostsOf(cloud, release);
      if (cloud === undefined || hosts.length === 0) continue;
      const number = inventories.push(text) - 1;
      for (const card of cardsOf(hosts, cloud)) cards.add(card);
      lines.push(...hosts.flatMap((host) => questionsTo(host, { cloud, seen, number })));
      await renderCloud(only(hosts, cloud), join(directory, String(number)));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  await mkdir(directory, { recursive: true });
  return { questions: lines, cards: [...cards], inventories };
}

const hostsOf = (cloud: Cloud | undefined, release: string): readonly Host[] =>
  cloud === undefined
    ? []
    : oneOfEachKind(cloud.topology).filter(({ platform }) => platform.release === release);

const cardsOf = (hosts: readonly Host[], { topology: { inventory } }: Cloud): readonly string[] =>
  hosts.flatMap(({ interfaces, inspectionInterface: copies = inventory.inspection?.interface }) => [
    ...Object.values(interfaces),
    ...(copies === undefined ? [] : [copies]),
  ]);

const questionsTo = (
  host: Host,
  { number, ...asking }: Omit<Asking, 'host'> & { readonly number: number },
): readonly string[] =>
  validatorsOf(asking.cloud, host.name)
    .filter(isOfPackage)
    .filter((each) => isNew(each, { host, ...asking }))
    .flatMap((each) => asked([each], `${number}/${host.name}`));

/** Undefined: it is refused. */
async function cloudOf(file: string): Promise<Cloud | undefined> {
  try {
    await makeSecrets(file);
    await makeCertificates(file, 'unfit');
    return await describeCloud((await loadTopology(file)).topology);
  } catch (thrown) {
    if (thrown instanceof McpError && thrown.code === 'invalid-inventory') return undefined;
    throw thrown;
  }
}

const only = (hosts: readonly Host[], cloud: Cloud): Cloud => ({
  ...cloud,
  desired: {
    hosts: new Map([...cloud.desired.hosts].filter(([name]) => hosts.some((host) => host.name === name))),
  },
});

interface Asking {
  readonly host: Host;
  readonly cloud: Cloud;
  readonly seen: Set<string>;
}

/** A checker looks at its files alone: where these are what it saw before, it would say the same. */
function isNew({ name, script, files }: Validator, { host, cloud, seen }: Asking): boolean {
  const resources = cloud.desired.hosts.get(host.name)?.services.flatMap((each) => each.resources) ?? [];
  const contents = resources.flatMap((resource) =>
    resource.kind === 'file' && files.includes(resource.path)
      ? [[resource.path, String(resource.content)]]
      : [],
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([name, script, contents]))
    .digest('hex');
  if (seen.has(hash)) return false;
  seen.add(hash);
  return true;
}
