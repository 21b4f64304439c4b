import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { describeCloud } from '../../../src/workflows/cloud.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import { renderCloud } from '../../../src/workflows/render.ts';
import { oneOfEachKind } from '../../inventory/kinds-of-hosts.ts';
import { asked, type CheckingSystem, isOfPackage, refusals, validatorsOf } from './checkers.ts';
import { mustSucceed } from './mcp.ts';
import { variantOf } from './variant.ts';

/** A system on which whole layouts are checked. */
interface LayoutSystem extends CheckingSystem {
  release(): Promise<string>;
  /** Whether a deploy has brought our own programs. */
  readonly isDeployed: boolean;
}

const layouts = ['lab', 'three', 'reference'];
const variants = [
  ['as it is', (text: string) => text],
  ['without TLS', (text: string) => text.replaceAll('tls: true', 'tls: false')],
  ['inspected', (text: string) => `${text}\ninspection: { address: 192.0.2.20, interface: host0 }\n`],
] as const;

/** Every layout with and without TLS, and inspected: the services' checkers accept every file. */
export function everyFileIsAccepted(where: string, system: LayoutSystem): void {
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
      const questions = oneOfEachKind(topology).map(({ name }) => {
        const validators = validatorsOf(cloud, name).filter((each) => system.isDeployed || isOfPackage(each));
        expect(validators.length).toBeGreaterThan(0);
        return asked(validators, name);
      });
      expect(await refusals(system, questions.flat())).toEqual([]);
    });
  });
}
