import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Validator } from '../../../src/model/probe.ts';
import { type Cloud, describeCloud } from '../../../src/workflows/cloud.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import { renderCloud } from '../../../src/workflows/render.ts';
import { oneOfEachKind } from '../../inventory/kinds-of-hosts.ts';
import { mustSucceed } from './mcp.ts';
import { variantOf } from './variant.ts';

/** A system that has the services of a release, where their own checkers are run. */
export interface CheckingSystem {
  /** The folder `trees`, seen from this machine. */
  readonly outside: string;
  release(): Promise<string>;
  /** Whether a deploy has brought our own programs. */
  readonly isDeployed: boolean;
  /** Runs a line of shell there. */
  run(line: string): Promise<{ readonly exitCode: number; readonly output: string }>;
}

/** Where rendered trees lie on the system that checks them. */
export const trees = '/var/tmp/mcp-trees';

const layouts = ['lab', 'three', 'reference'];
const variants = [
  ['as it is', (text: string) => text],
  ['without TLS', (text: string) => text.replaceAll('tls: true', 'tls: false')],
  ['inspected', (text: string) => `${text}\ninspection: { address: 192.0.2.20, interface: host0 }\n`],
] as const;

/** Every layout with and without TLS, and inspected: the services' checkers accept every file. */
export function everyFileIsAccepted(where: string, system: CheckingSystem): void {
  describe.each(layouts)(`%s.yaml on ${where}`, (layout) => {
    test.each(variants)('%s: the services accept every file that they are given', async (_name, change) => {
      await mustSucceed('secrets', 'init', '-i', `inventories/${layout}.yaml`);
      await mustSucceed('certs', 'init', '-i', `inventories/${layout}.yaml`);
      const release = await system.release();
      const { inventory } = await variantOf(`inventories/${layout}.yaml`, (text) =>
        change(text.replace('debian }', `debian, release: ${release} }`)),
      );
      const { topology } = await loadTopology(inventory);
      const cloud = await describeCloud(topology);
      await rm(system.outside, { recursive: true, force: true });
      await renderCloud(cloud, system.outside);
      for (const { name } of oneOfEachKind(topology)) {
        const validators = validatorsOf(cloud, name).filter((each) => system.isDeployed || isOfPackage(each));
        expect(validators.length).toBeGreaterThan(0);
        for (const validator of validators) {
          expect(await refusal(system, validator, name), `${validator.name} of ${name}`).toBe('');
        }
      }
    });
  });
}

/** A program of our own comes with the first deploy, and has nothing to judge before. */
export const isOfPackage = ({ program }: Validator): boolean => !program.startsWith('/usr/lib/mcp/');

export const validatorsOf = ({ desired }: Cloud, name: string): readonly Validator[] =>
  (desired.hosts.get(name)?.services ?? []).flatMap(({ validators }) => validators);

/** What a service's own checker says against the tree of a host, empty when it accepts it. */
export async function refusal(
  { run }: CheckingSystem,
  { program, script }: Validator,
  tree: string,
): Promise<string> {
  const { exitCode, output } = await run(
    `cd / && export TREE=${trees}/${tree} && command -v ${program} >/dev/null && ${script}`,
  );
  return exitCode === 0 ? '' : `exit code ${exitCode}: ${output}`;
}
