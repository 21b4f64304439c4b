import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { inventorySchemaText } from './inventory-schema.ts';

// `npm run schema`: the file that editors complete and check inventories from.
const file = fileURLToPath(new URL('../../inventories/inventory.schema.json', import.meta.url));
await writeFile(file, inventorySchemaText());
