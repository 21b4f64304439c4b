import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * The text of a file that logins are set up with. Pipes and devices are refused: they could keep us waiting for ever.
 * Throws what the system says where it can't be read.
 */
export async function readRegularFile(file: string): Promise<string> {
  // A pipe that nobody writes into opens at once, too.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('it is a directory');
    if (!stats.isFile()) throw new Error('it is a pipe or a device');
    if (stats.size > largestBytes) throw new Error('it is larger than 16 MB');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

const largestBytes = 16 * 1024 * 1024;
