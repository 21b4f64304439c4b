import { access, constants, realpath, stat, writeFile } from 'node:fs/promises';
import { appendOwned, writeOwned, writing } from '../inventory/index.ts';

/** A file that an operator has named for a report. */
export interface ReportFile {
  write(text: string): Promise<void>;
}

/**
 * A file that a report replaces. It holds `unended` from now on: who is killed leaves no earlier report that would be
 * taken for his, and what can't be written is known before anything is done. Throws McpError `invalid-arguments` then,
 * and `write` does.
 */
export async function replacedFile(path: string, unended: string): Promise<ReportFile> {
  const isDevice = await isNoFile(path);
  const target = await writing(path, () => whereItLeads(path));
  if (isDevice) await mayWrite(path);
  else await writeOwned(target, unended);
  return {
    // A pipe is written to: to put a file in its place would be no help to who reads it.
    write: (text) => (isDevice ? writing(path, () => writeFile(path, text)) : writeOwned(target, text)),
  };
}

/** A file that a report is added to, as steps add theirs to GitHub's summary. Throws as `replacedFile` does. */
export async function extendedFile(path: string): Promise<ReportFile> {
  const isDevice = await isNoFile(path);
  await (isDevice ? mayWrite(path) : appendOwned(path, ''));
  return {
    async write(text) {
      // What others have written last may want for its line end.
      const isBegun = !isDevice && (await stat(path)).size > 0;
      await appendOwned(path, isBegun ? `\n${text}` : text);
    },
  };
}

/** A pipe, a terminal, /dev/null. */
async function isNoFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

const mayWrite = (path: string): Promise<void> => writing(path, () => access(path, constants.W_OK));

/** A link stays, and what it leads to is replaced. */
async function whereItLeads(path: string): Promise<string> {
  const isThere = (await stat(path).catch(() => undefined)) !== undefined;
  return isThere ? realpath(path) : path;
}
