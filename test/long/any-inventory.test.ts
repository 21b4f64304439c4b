import { holdForAnyInventory } from '../inventory/any-properties.ts';

holdForAnyInventory(20_000);
