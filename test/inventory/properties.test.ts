import { holdForAnyInventory } from './any-properties.ts';

/** Ten times as many are tried in test/long/any-inventory.test.ts. */
holdForAnyInventory(2000);
