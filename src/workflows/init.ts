import { lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  appendOwned,
  type Beginning,
  beginningShape,
  draftInventory,
  draftSchemaFile,
  makeOwnedDirectory,
  type Question,
  readIfThere,
  writeNew,
  writing,
} from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { usualInventories } from '../model/inventory.ts';
import { inventorySchemaText } from './inventory-schema.ts';
import { loadTopology } from './load.ts';

export type { Question } from '../inventory/index.ts';

/** What is typed for each question; undefined: not answered. */
export type Answers = Readonly<Partial<Record<Question, string | undefined>>>;

/** What is wrong with an answer, as a sentence that goes on after its question; undefined: nothing. */
export function mistakeIn(question: Question, answer: string | undefined): string | undefined {
  const { error } = beginningShape.shape[question].safeParse(answer);
  return error?.issues[0]?.message;
}

/** Whether a question may be left without an answer. */
export const isOptional = (question: Question): boolean =>
  beginningShape.shape[question].safeParse(undefined).success;

/** What was done with each file of a new inventory. */
export interface Initiated {
  readonly inventory: string;
  readonly files: readonly { readonly file: string; readonly did: 'written' | 'extended' | 'kept' }[];
}

/**
 * Writes an inventory to begin with into `folder`, the schema that editors check it by, and what keeps secrets out of git.
 * Throws McpError `already-there` where an inventory is; `invalid-arguments` where the answers make none that is valid.
 */
export async function initInventory(folder: string, answers: Answers): Promise<Initiated> {
  await refuseOverwriting(folder);
  const inventory = join(folder, draftName);
  const text = draftInventory(beginningOf(answers));
  await refuseInvalid(inventory, text);
  await makeOwnedDirectory(folder);
  const schema = join(folder, draftSchemaFile);
  const isNewSchema = await writeNew(schema, inventorySchemaText());
  const ignored = await ignoreSecrets(join(folder, '.gitignore'));
  if (!(await writeNew(inventory, text))) throw alreadyThere(inventory);
  return {
    inventory,
    files: [
      { file: inventory, did: 'written' },
      { file: schema, did: isNewSchema ? 'written' : 'kept' },
      { file: join(folder, '.gitignore'), did: ignored },
    ],
  };
}

const [draftName] = usualInventories;

/**
 * Throws McpError `already-there` where the folder has an inventory of a name that is found without `-i`;
 * `invalid-arguments` where it can be no folder.
 */
export async function refuseOverwriting(folder: string): Promise<void> {
  const there = await writing(folder, () => entriesOf(folder));
  const found = usualInventories.find((name) => there.includes(name));
  if (found !== undefined) throw alreadyThere(join(folder, found));
}

/** What is no folder, or lies behind a link that leads nowhere, throws; one that is not there yet has nothing in it. */
const entriesOf = async (folder: string): Promise<readonly string[]> => {
  if (folder === '' || (await isThere(folder))) return readdir(folder);
  await stat(await nearestThere(dirname(folder)));
  return [];
};

const nearestThere = async (folder: string): Promise<string> =>
  (await isThere(folder)) ? folder : nearestThere(dirname(folder));

const isThere = (folder: string): Promise<boolean> =>
  lstat(folder).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT',
  );

const alreadyThere = (file: string): McpError =>
  new McpError('already-there', `${file} is already there, and nothing is overwritten`, {
    hint: 'edit it, or name another folder: `mcp init DIR`',
  });

/** Throws McpError `invalid-arguments` with everything that is wrong or missing. */
function beginningOf(answers: Answers): Beginning {
  const { data, error } = beginningShape.safeParse(answers);
  if (data) return data;
  const wrong = error.issues.map(({ path: [question], message }) => `--${String(question)} ${message}`);
  throw new McpError('invalid-arguments', wrong.join('; '), { hint: 'correct that, and run it again' });
}

/** Networks may overlap, or be none for hosts: what reads inventories knows. Secrets come later. */
async function refuseInvalid(file: string, text: string): Promise<void> {
  try {
    await loadTopology(file, { needs: 'topology', text });
  } catch (cause) {
    if (!(cause instanceof McpError) || cause.code !== 'invalid-inventory') throw cause;
    const { diagnostics = [] } = cause.details;
    throw new McpError('invalid-arguments', 'these answers make no valid inventory: nothing was written', {
      diagnostics,
      hint: 'give other answers',
    });
  }
}

/** Adds what is missing to a .gitignore: what is in it already stays. */
async function ignoreSecrets(file: string): Promise<'written' | 'extended' | 'kept'> {
  const before = await readIfThere(file);
  if (before === undefined) {
    await writeNew(file, `${[...whyIgnored, ...ignored].join('\n')}\n`);
    return 'written';
  }
  const lines = before.split(/\r?\n/).map((line) => line.trim());
  const missing = ignored.filter((pattern) => !lines.includes(pattern));
  if (missing.length === 0) return 'kept';
  const end = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendOwned(file, `${end}${[...whyIgnored, ...missing].join('\n')}\n`);
  return 'extended';
}

const whyIgnored = [
  '# Passwords and keys, and the drafts that are written before they take their place. Take these lines out once they',
  '# are encrypted (`mcp secrets encrypt`) and shall be committed.',
];
const ignored = [
  ...['*.secrets.yaml', '*.secrets.yaml.*', '*.certs/*.key', '*.certs/*.key.*'],
  // What `mcp openrc` writes.
  ...['openrc.sh', 'clouds.yaml'],
];
