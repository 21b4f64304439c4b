import { expect, test } from 'vitest';
import { onEach } from '../../src/execute/on-each.ts';

test('all are begun at the same time, and the first failure is thrown when the last has come to its end', async () => {
  const told: string[] = [];
  const acting = onEach(['one', 'two', 'three'], async (item) => {
    told.push(`${item} begins`);
    await new Promise((resolve) => setTimeout(resolve, item === 'three' ? 30 : 1));
    told.push(`${item} ends`);
    if (item !== 'three') throw new Error(`${item} fails`);
  });
  await expect(acting).rejects.toThrow('one fails');
  expect(told.slice(0, 3)).toEqual(['one begins', 'two begins', 'three begins']);
  expect(told.at(-1)).toBe('three ends');
});
