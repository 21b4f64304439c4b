import { type Diagnostic, error } from '../model/diagnostic.ts';
import { shownPath } from './operator.ts';
import { readText } from './read-file.ts';
import { entriesIn, isRecipient } from './sealed.ts';
import { writeOwned } from './write-owned.ts';

/** For whom the secrets of an inventory are encrypted; none: they are not. */
export interface LoadedRecipients {
  readonly recipients: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the file of recipients beside an inventory: one `age1…` a line, with comments that say who that is. */
export async function loadRecipients(file: string): Promise<LoadedRecipients> {
  const read = await readText(file);
  if (read.kind === 'missing') return { recipients: [], diagnostics: [] };
  const shown = shownPath(file);
  if (read.kind === 'unreadable')
    return { recipients: [], diagnostics: [error(['secrets'], `${shown} can't be read: ${read.reason}`)] };
  const recipients = entriesIn(read.text);
  const known = await Promise.all(recipients.map(isRecipient));
  const strange = recipients.filter((_each, index) => known[index] === false);
  return {
    recipients,
    diagnostics: strange.map((each) =>
      error(
        ['secrets'],
        `${shown} names ${each}, which is no recipient of age`,
        'a recipient begins with age1; `age-keygen -y` prints that of an identity',
      ),
    ),
  };
}

/** Adds recipients to the file; what stands there stays, comments too. */
export async function addRecipients(file: string, added: readonly string[]): Promise<void> {
  const read = await readText(file);
  const text = read.kind === 'text' ? read.text : introduction;
  const known = entriesIn(text);
  const lines = added.filter((each) => !known.includes(each)).map((each) => `${each}\n`);
  if (lines.length > 0) await writeOwned(file, `${text.replace(/([^\n])$/, '$1\n')}${lines.join('')}`);
}

const introduction =
  '# Who may open the secrets of this cloud: one recipient of age a line. After a change, run `mcp secrets encrypt`.\n';
