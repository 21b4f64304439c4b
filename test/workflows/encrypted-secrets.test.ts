import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planWith } from '../../src/model/plan.ts';
import { makeCertificates } from '../../src/workflows/certs.ts';
import { editSecrets } from '../../src/workflows/edit-secrets.ts';
import { encryptSecrets } from '../../src/workflows/encrypt-secrets.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { makeSecrets, rotateKeys } from '../../src/workflows/secrets.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';

let folder = '';
let inventory = '';
let identity = '';
const at = (path: string): string => join(folder, path);
const nothingDue = async () => ({
  plan: planWith('lab', []),
  all: (await loadTopology(inventory)).topology,
  desired: { hosts: new Map() },
  observed: { hosts: new Map() },
});
const byDefault = { recipients: [], anyway: false };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-sealed-'));
  inventory = await shippedInventory(folder);
  identity = await generateX25519Identity();
  await writeFile(at('age.key'), `# created: today\n${identity}\n`, { mode: 0o600 });
  process.env['MCP_AGE_KEY_FILE'] = at('age.key');
});
afterEach(async () => {
  delete process.env['MCP_AGE_KEY_FILE'];
  delete process.env['MCP_AGE_KEY'];
  await rm(folder, { recursive: true });
});

const encryptedFiles = ['lab.secrets.yaml', 'lab.certs/ca.key', 'lab.certs/vip-public.key'];
const isEncrypted = async (path: string) =>
  (await readFile(at(path), 'utf8')).startsWith('-----BEGIN AGE ENCRYPTED FILE-----\n');

/** Every secret of the inventory and every key of its VIPs. */
async function secretsNow(): Promise<Readonly<Record<string, string>>> {
  const { topology } = await loadTopology(inventory);
  return Object.fromEntries([
    ...[...topology.secrets].map(([name, secret]) => [name, secret.reveal()] as const),
    ...Object.entries(topology.certificates.vips).map(([name, { key }]) => [name, key.reveal()] as const),
  ]);
}

test('what is encrypted says the same to whoever may open it, and nothing to a reader of the folder', async () => {
  const before = await secretsNow();
  const report = await encryptSecrets(inventory, byDefault);
  expect(report.recipients).toEqual([await identityToRecipient(identity)]);
  for (const path of encryptedFiles) expect(await isEncrypted(path), path).toBe(true);
  // As a checkout has it.
  for (const path of encryptedFiles) await chmod(at(path), 0o644);
  expect(await secretsNow()).toEqual(before);
  await rm(at('age.key'));
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    names.filter((each) => each.isFile()).map((each) => readFile(join(each.parentPath, each.name), 'utf8')),
  );
  const lines = Object.values(before)
    .flatMap((value) => value.split('\n'))
    .filter((line) => /^[\w+/=]{12,}$/.test(line));
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => texts.some((text) => text.includes(line)))).toEqual([]);
});

test('secrets that are added and keys that are rotated stay encrypted, for everybody whom the file of recipients names', async () => {
  const other = await generateX25519Identity();
  await encryptSecrets(inventory, {
    ...byDefault,
    recipients: [await identityToRecipient(other), await identityToRecipient(identity)],
  });
  const before = await secretsNow();
  const { changed } = await rotateKeys(inventory, ['fernet'], { anyway: true, plan: nothingDue });
  await rm(at('lab.certs/vip-public.crt'));
  await makeCertificates(inventory, 'none');
  for (const path of encryptedFiles) expect(await isEncrypted(path), path).toBe(true);
  delete process.env['MCP_AGE_KEY_FILE'];
  // A pipeline keeps its identity in a variable.
  process.env['MCP_AGE_KEY'] = other;
  const after = await secretsNow();
  const moved = Object.keys(before).filter((name) => after[name] !== before[name]);
  expect(moved.toSorted()).toEqual([...changed, 'public'].toSorted());
});

test('without an identity, with a wrong one, or with one that others can read, the secrets are closed, and it is said why', async () => {
  await encryptSecrets(inventory, byDefault);
  const flaws = async () => {
    const failure = await loadTopology(inventory).then(
      () => undefined,
      (reason) => reason,
    );
    return failure.details.diagnostics
      .filter(({ path }: { path: readonly string[] }) => path[0] === 'secrets')
      .map(({ message }: { message: string }) => message.replaceAll(`${folder}/`, ''));
  };
  await chmod(at('age.key'), 0o644);
  expect(await flaws()).toEqual([
    'lab.secrets.yaml is encrypted with age, and age.key can be read by others',
  ]);
  await writeFile(at('age.key'), `${await generateX25519Identity()}\n`);
  await chmod(at('age.key'), 0o600);
  expect(await flaws()).toEqual([
    'lab.secrets.yaml is encrypted with age, and none of your identities opens it',
  ]);
  await writeFile(at('age.key'), 'AGE-SECRET-KEY-1NONE\n');
  expect(await flaws()).toEqual([
    'lab.secrets.yaml is encrypted with age, and age.key holds no identity that mcp knows',
  ]);
  await rm(at('age.key'));
  expect(await flaws()).toEqual(['lab.secrets.yaml is encrypted with age, and age.key is not there']);
  // Nor is a file written over that can't be opened.
  const closed = await readFile(at('lab.secrets.yaml'), 'utf8');
  await expect(makeSecrets(inventory)).rejects.toMatchObject({ code: 'invalid-arguments' });
  expect(await readFile(at('lab.secrets.yaml'), 'utf8')).toBe(closed);
});

test('nothing is encrypted for nobody, for strangers alone, or for what is no recipient', async () => {
  const clear = await readFile(at('lab.secrets.yaml'), 'utf8');
  const stranger = await identityToRecipient(await generateX25519Identity());
  await expect(encryptSecrets(inventory, { ...byDefault, recipients: [stranger] })).rejects.toMatchObject({
    code: 'not-confirmed',
  });
  await expect(encryptSecrets(inventory, { ...byDefault, recipients: ['age1nobody'] })).rejects.toMatchObject(
    {
      code: 'invalid-arguments',
      message: 'age1nobody is no recipient of age',
    },
  );
  await rm(at('age.key'));
  await expect(encryptSecrets(inventory, byDefault)).rejects.toMatchObject({ code: 'invalid-arguments' });
  expect(await readFile(at('lab.secrets.yaml'), 'utf8')).toBe(clear);
});

test('an identity is not shown, whatever is wrong with it', async () => {
  const mistyped = `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`;
  process.env['MCP_AGE_KEY'] = `${mistyped}\nAGE-PLUGIN-YUBIKEY-1QQQ`;
  const { recipients } = await encryptSecrets(inventory, byDefault);
  expect(recipients).toEqual([await identityToRecipient(identity)]);
  await rm(at('age.key'));
  const failure = await encryptSecrets(inventory, byDefault).then(
    () => undefined,
    (reason: Error) => `${reason.stack}`,
  );
  expect(failure).toContain('none of your identities could open');
  expect(failure).not.toContain(mistyped.slice(0, 30));
});

test('one among encrypted files that is not is named', async () => {
  await encryptSecrets(inventory, byDefault);
  await writeFile(at('lab.certs/other.key'), 'a key of the operator\n', { mode: 0o600 });
  const { warnings } = await loadTopology(inventory);
  expect(warnings.map(({ message }) => message.replaceAll(`${folder}/`, ''))).toContain(
    'lab.certs/other.key is not encrypted, as its recipients would have it',
  );
});

test('a file that is encrypted is not written in the clear because its recipients are missing, nor is a new one beside it', async () => {
  await encryptSecrets(inventory, byDefault);
  await rm(at('lab.recipients'));
  await expect(rotateKeys(inventory, ['fernet'], { anyway: true, plan: nothingDue })).rejects.toMatchObject({
    message: expect.stringMatching(/lab\.secrets\.yaml is encrypted, and \S*lab\.recipients names nobody/),
  });
  await rm(at('lab.certs/vip-public.key'));
  await expect(makeCertificates(inventory, 'none')).rejects.toMatchObject({ code: 'invalid-arguments' });
});

test('secrets are edited in the clear where nobody else can look, and are encrypted afterwards; a mistake is not written', async () => {
  await encryptSecrets(inventory, byDefault);
  const closed = await readFile(at('lab.secrets.yaml'), 'utf8');
  let draft = '';
  const editing = (text: (before: string) => string) => async (file: string) => {
    draft = file;
    const modes = await Promise.all([stat(dirname(file)), stat(file)]);
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600]);
    await writeFile(file, text(await readFile(file, 'utf8')));
  };
  const mistakes: string[] = [];
  const givenUp = editSecrets(inventory, {
    edit: editing((before) => before.replace(/^mine: .*\n/m, '').concat("mine: 'a b'\n")),
    again: async (mistake) => {
      mistakes.push(...(mistake.details.diagnostics ?? []).map(({ message }) => message));
      return mistakes.length < 2;
    },
  });
  await expect(givenUp).rejects.toMatchObject({ code: 'not-confirmed' });
  expect(mistakes).toHaveLength(2);
  expect(await readFile(at('lab.secrets.yaml'), 'utf8')).toBe(closed);
  await expect(stat(dirname(draft))).rejects.toMatchObject({ code: 'ENOENT' });

  const again = async () => false;
  const edited = await editSecrets(inventory, {
    edit: editing((before) => `${before}mine: 'ours'\n`),
    again,
  });
  expect(edited).toEqual({ file: at('lab.secrets.yaml'), isChanged: true });
  expect(await isEncrypted('lab.secrets.yaml')).toBe(true);
  expect((await secretsNow())['mine']).toBe('ours');
  expect((await editSecrets(inventory, { edit: async () => undefined, again })).isChanged).toBe(false);
});

test('a signal that ends the program takes the draft along', async () => {
  const script = `
    import { editSecrets } from './src/workflows/edit-secrets.ts';
    await editSecrets(process.argv[1], {
      edit: (file) => (console.log(file), new Promise(() => setInterval(() => 0, 1000))),
      again: async () => false,
    });`;
  const imports = ['--import', 'tsx', '--import', './bin/load-shell.mjs', '--input-type=module'];
  const child = spawn('node', [...imports, '-e', script, inventory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  const draft = String(said).trim();
  expect((await stat(draft)).isFile()).toBe(true);
  child.kill('SIGINT');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  await expect(stat(dirname(draft))).rejects.toMatchObject({ code: 'ENOENT' });
});
