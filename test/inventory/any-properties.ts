import fc from 'fast-check';
import { expect, test } from 'vitest';
import { services } from '../../src/services/index.ts';
import { acceptedOf, resourcesOf } from './any-cloud.ts';
import { anyEdited, anyInventory } from './any-inventory.ts';

/** What is true of whatever an operator writes, tried with so many inventories: three in four right in each of their parts. */
export function holdForAnyInventory(runs: number): void {
  const edited = Math.ceil(runs / 4);
  // On a machine that has other work.
  const patience = 60_000 + runs * 300;

  test(
    'whatever is accepted can be rendered',
    async () => {
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(anyInventory(services), async (inventory) => {
          const topology = await acceptedOf(inventory);
          if (topology === undefined) return;
          accepted++;
          expect(resourcesOf(topology)).toBeGreaterThan(50);
        }),
        { numRuns: runs - edited },
      );
      // Else hardly anything would have been tried.
      expect(accepted).toBeGreaterThan((runs - edited) / 2);
    },
    patience,
  );

  test(
    'whatever is written ends in an inventory or in complaints about it',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyEdited(services), async (inventory) => {
          const topology = await acceptedOf(inventory);
          if (topology !== undefined) resourcesOf(topology);
        }),
        { numRuns: edited },
      );
    },
    patience,
  );
}
