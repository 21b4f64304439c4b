import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { workingFolder } from '../support/working-folder.ts';

type Shell = Awaited<ReturnType<typeof workingFolder>>;

/** What an operator may point at instead of an inventory; each makes it in the working folder. */
const wrongFiles: Readonly<Record<string, (name: string) => unknown>> = {
  missing: () => undefined,
  folder: (name) => mkdir(name),
  pipe: (name) => execFileSync('mkfifo', [name]),
  empty: (name) => writeFile(name, ''),
  binary: (name) => writeFile(name, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0x80])),
  text: (name) => writeFile(name, 'hello'),
  list: (name) => writeFile(name, '- one\n- two\n'),
  'cut-off': (name) => writeFile(name, 'format: 1\nmachines: { a: {'),
  null: (name) => writeFile(name, '~'),
  huge: async (name) => {
    await writeFile(name, '');
    await truncate(name, 2 ** 30);
  },
  circle: (name) => symlink(name, name),
  dangling: (name) => symlink('nowhere', name),
  'below-a-file': (name) => writeFile(name.replace('/inventory.yaml', ''), ''),
  device: (name) => symlink('/dev/zero', name),
};

const usual = ['missing', 'folder', 'pipe', 'binary'];

test('every verb, with every kind of file that is no inventory: a sentence that names it, and 3', async () => {
  await using shell = await workingFolder();
  const verbs = (await verbsOf(shell)).filter(({ usage }) => usage.options.includes('--inventory'));
  expect(verbs.length).toBeGreaterThan(35);
  for (const [kind, make] of Object.entries(wrongFiles)) {
    const file = kind === 'below-a-file' ? `${kind}/inventory.yaml` : kind;
    await make(file);
    // Verbs read inventories in one way: a kind of each sort for all of them, every kind for one.
    const asked = usual.includes(kind) ? verbs : verbs.filter(({ path }) => path[0] === 'validate');
    for (const verb of asked) {
      await expectMistake(shell, [...wholeLine(verb), '-i', file], file);
    }
  }
});

test('every verb, with an empty name for a file: a sentence, and 3', async () => {
  await using shell = await workingFolder();
  for (const verb of await verbsOf(shell)) {
    for (const [flag] of verb.usage.files) {
      await expectMistake(shell, [...wholeLine(verb, flag), flag, '']);
    }
  }
});

test('every verb that writes, with a place where it can not: a sentence, and 3', async () => {
  await using shell = await workingFolder();
  const flags = ['--machines', '3', '--cloud', 'blue', '--domain', 'cloud.example.org'];
  const init = ['init', ...flags, '--management', '10.20.0.0/24:bond0'];
  await shell.mcp(init);
  await expectMistake(shell, ['certs', 'show'], 'inventory.certs/ca.crt does not exist yet');
  for (const verb of ['secrets', 'certs']) await shell.mcp([verb, 'init']);
  for (const place of ['pipe', 'text', 'circle', 'dangling', 'device']) {
    await wrongFiles[place]?.(place);
    for (const where of [place, `${place}/below`]) {
      await expectMistake(shell, ['render', '--out', where], place);
      await expectMistake(shell, ['openrc', '--out', where], place);
      await expectMistake(shell, [...init, where], place);
    }
    await expectMistake(shell, ['show', `./${place}`], place);
    await expectMistake(shell, ['deploy', place], place);
  }
  for (const verb of ['render', 'openrc']) {
    await expectMistake(shell, [verb, '--out', ''], 'is given without a value');
  }
  await expectMistake(shell, [...init, ''], "can't be written");
});

test('every verb, with what it does not take: a sentence, and 3', async () => {
  await using shell = await workingFolder();
  for (const verb of await verbsOf(shell)) {
    await expectMistake(shell, [...wholeLine(verb), '--no-such-option'], '--no-such-option');
    if (!verb.usage.operands.at(-1)?.includes('...')) {
      await expectMistake(shell, [...wholeLine(verb), ...Array(3).fill('too-much')], 'too many arguments');
    }
    if (verb.usage.operands[0]?.startsWith('<')) await expectMistake(shell, verb.path, 'missing required');
  }
});

test('a verb that is none: a sentence, what was meant, and 3', async () => {
  await using shell = await workingFolder();
  await expectMistake(shell, ['deplyo'], 'Did you mean deploy?');
  await expectMistake(shell, ['secrets', 'ini'], 'Did you mean init?');
});

interface Verb {
  readonly path: readonly string[];
  readonly usage: {
    readonly options: string;
    readonly operands: readonly string[];
    /** Options whose values are files or folders. */
    readonly files: readonly (readonly [flag: string, value: string])[];
  };
}

/** Every verb that does something, as completion and help tell of them. */
async function verbsOf(shell: Shell, above: readonly string[] = []): Promise<readonly Verb[]> {
  const { lines } = await shell.mcp(['__complete', '--', ...above, '']);
  const names = (lines[0] ?? '').split('\n').map((line) => line.split('\t')[0] ?? '');
  const { lines: help } = await shell.mcp([...above, '--help']);
  const text = help.join('\n');
  if (!/^Commands:/m.test(text)) return [{ path: above, usage: usageOf(text) }];
  const below = names.filter((name) => name !== 'help' && !name.startsWith(':'));
  const found: Verb[] = [];
  for (const name of below) found.push(...(await verbsOf(shell, [...above, name])));
  return found;
}

function usageOf(help: string): Verb['usage'] {
  const [usage = ''] = help.split('\n');
  const files = [...help.matchAll(/(--[a-z]+) <(file|dir)>/g)].map(
    ([, flag = '', value = '']) => [flag, value] as const,
  );
  return { options: help, operands: usage.match(/[<[](?!options)[^>\]]+[>\]]/g) ?? [], files };
}

/** A command line that lacks nothing but an inventory; without a value for `but`. */
function wholeLine({ path, usage }: Verb, but = ''): readonly string[] {
  const operands = usage.operands.filter((operand) => operand.startsWith('<')).map(valueFor);
  const out = usage.files.some(([flag]) => flag === '--out') && but !== '--out' && path[0] !== 'plan';
  return [...path, ...operands, ...(out ? ['--out', 'out'] : [])];
}

const valueFor = (operand: string): string =>
  ({ '<port>': '8080', '<shell>': 'bash', '<plan|run>': 'last' })[operand] ?? 'x';

async function expectMistake(shell: Shell, argv: readonly string[], words = ''): Promise<void> {
  // Editing needs a terminal, whatever else is wrong.
  const { exitCode, lines } = await shell.mcp(argv, { interactive: argv.includes('edit') });
  const said = lines.join('\n');
  expect({ argv, exitCode, said }).toEqual({ argv, exitCode: 3, said: expect.stringContaining(words) });
  expect(said, argv.join(' ')).not.toContain('bug in mcp');
}
