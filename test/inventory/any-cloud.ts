import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import type { Host } from '../../src/model/host.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { Topology } from '../../src/model/topology.ts';
import { applyOverrides, loadTemplates, renderFor } from '../../src/render/index.ts';
import { services } from '../../src/services/index.ts';
import { describeHost } from '../../src/workflows/describe-hosts.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { withStandIns } from '../../src/workflows/validate.ts';
import { oneOfEachKind } from './kinds-of-hosts.ts';

/** Read once: they are the same for every inventory. */
const templates = await loadTemplates(fileURLToPath(new URL('../../templates', import.meta.url)));

/** What `mcp validate` makes of an inventory that lies nowhere; undefined where it is refused, with something to say. */
export async function acceptedOf(inventory: unknown): Promise<Topology | undefined> {
  const text = JSON.stringify(inventory) ?? '';
  try {
    return withStandIns(await loadTopology('/nowhere/any.yaml', { needs: 'what-is-there', text }));
  } catch (thrown) {
    if (!(thrown instanceof McpError)) throw thrown;
    expect(thrown.details.diagnostics).not.toEqual([]);
    return undefined;
  }
}

/** How many resources one host of each kind has, all files among them rendered. */
export function resourcesOf(topology: Topology): number {
  const rendering = {
    renderOn: (host: Host) => renderFor(templates, [], host),
    overrideOn: (host: Host, resources: readonly Resource[]) =>
      applyOverrides(resources, { overrides: [], host, partialsOf: () => new Set() }),
  };
  return oneOfEachKind(topology)
    .map((host) => describeHost(host, { topology, services, rendering }))
    .flatMap((host) => host.services.flatMap(({ resources }) => resources)).length;
}
