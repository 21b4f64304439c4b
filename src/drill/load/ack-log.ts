import { type FileHandle, open } from 'node:fs/promises';

/**
 * What clients were promised, on disk in the run's folder: whoever doubts a verdict can look for each line again, even
 * after this program or its machine died in the middle.
 */
export interface AckLog {
  /** Promises made at about the same time reach the disk with one fsync. */
  record(promise: object): void;
  /** Resolves when everything is on disk. */
  close(): Promise<void>;
}

export async function openAckLog(path: string): Promise<AckLog> {
  const file = await open(path, 'a', 0o600);
  let waiting: string[] = [];
  let flushing: Promise<void> | undefined;
  const flush = async () => {
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      await writeThrough(file, lines);
    }
    flushing = undefined;
  };
  return {
    record(promise) {
      waiting.push(`${JSON.stringify(promise)}\n`);
      flushing ??= flush();
    },
    async close() {
      await flushing;
      await file.close();
    },
  };
}

async function writeThrough(file: FileHandle, lines: readonly string[]): Promise<void> {
  await file.appendFile(lines.join(''));
  await file.datasync();
}
