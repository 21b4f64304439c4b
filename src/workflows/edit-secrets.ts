import { rmSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readSecretIfThere, understood, writeSecretText } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { loadTopology } from './load.ts';
import { refuseUnsealed } from './sealed-beside.ts';

export interface EditingWishes {
  /** Has somebody edit a file; resolves when that is done. */
  edit(file: string): Promise<void>;
  /** Tells what is wrong with the edited text; resolves true to have it edited again, false to leave all as it was. */
  again(mistake: McpError): Promise<boolean>;
}

/**
 * Has somebody edit the secrets of an inventory, in the clear, in a folder that nobody else can enter and that is in memory
 * where there is one; then they are written as they were before, encrypted or not. Resolves with the file, and whether
 * anything was changed. Throws McpError `not-confirmed` where the edited text can't be understood and is given up.
 */
export async function editSecrets(
  inventoryFile: string,
  { edit, again }: EditingWishes,
): Promise<{ readonly file: string; readonly isChanged: boolean }> {
  const { loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  await refuseUnsealed(loaded);
  const file = loaded.secretsFile;
  const before = (await readSecretIfThere(file)) ?? '';
  const folder = await mkdtemp(join(await privatePlace(), 'mcp-secrets-'));
  using _removal = removedWhateverEnds(folder);
  try {
    const draft = join(folder, basename(file));
    await writeFile(draft, before, { mode: 0o600 });
    for (;;) {
      await edit(draft);
      const text = await readFile(draft, 'utf8');
      const mistake = mistakeIn(file, text);
      if (mistake === undefined) {
        if (text !== before) await writeSecretText(file, text, loaded.recipients);
        return { file, isChanged: text !== before };
      }
      if (!(await again(mistake))) throw new McpError('not-confirmed', 'nothing was changed');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A signal that ends the program takes the folder along; Ctrl-C is for the editor. */
function removedWhateverEnds(folder: string): Disposable {
  const end = (signal: NodeJS.Signals) => {
    rmSync(folder, { recursive: true, force: true });
    process.off(signal, end);
    process.kill(process.pid, signal);
  };
  const leaveToEditor = () => undefined;
  process.on('SIGINT', leaveToEditor);
  for (const signal of ending) process.on(signal, end);
  return {
    [Symbol.dispose]() {
      process.off('SIGINT', leaveToEditor);
      for (const signal of ending) process.off(signal, end);
    },
  };
}

const ending = ['SIGHUP', 'SIGTERM', 'SIGQUIT'] as const;

function mistakeIn(file: string, text: string): McpError | undefined {
  try {
    understood(file, text);
    return undefined;
  } catch (mistake) {
    if (mistake instanceof McpError) return mistake;
    throw mistake;
  }
}

/** In memory: an editor leaves drafts of its own, and what was on a disk once may be found there. */
async function privatePlace(): Promise<string> {
  const inMemory = '/dev/shm';
  return access(inMemory, constants.W_OK).then(
    () => inMemory,
    () => tmpdir(),
  );
}
