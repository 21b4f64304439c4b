import { inventoryJsonSchema } from '../inventory/index.ts';
import { services } from '../services/index.ts';

/** The text of `inventories/inventory.schema.json`, with the settings of every service. */
export const inventorySchemaText = (): string =>
  `${JSON.stringify(inventoryJsonSchema(services), null, 2)}\n`;
