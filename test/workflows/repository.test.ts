import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repositoryOf } from '../../src/workflows/repository.ts';

// Real git, in a repository of its own.
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcp-repository-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const identity = { name: 'Alice', email: 'alice@example.org' };

function git(folder: string, ...words: readonly string[]): string {
  const env = {
    ...{ PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_NAME: identity.name, GIT_AUTHOR_EMAIL: identity.email },
    ...{ GIT_COMMITTER_NAME: identity.name, GIT_COMMITTER_EMAIL: identity.email },
  };
  return execFileSync('git', ['-C', folder, ...words], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

let minutes = 0;

/** Commits what `text` says; resolves with how the repository then stands. */
async function commit(folder: string, text: string, at?: string) {
  writeFileSync(join(folder, 'cloud.yaml'), text);
  git(folder, 'add', '.');
  minutes += 1;
  const date = at ?? `2026-01-01T10:${String(minutes % 60).padStart(2, '0')}:00Z`;
  execFileSync('git', ['-C', folder, 'commit', '-qm', text], {
    env: {
      ...{ PATH: process.env['PATH'], HOME: root, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
      ...{ GIT_AUTHOR_NAME: identity.name, GIT_AUTHOR_EMAIL: identity.email },
      ...{ GIT_COMMITTER_NAME: identity.name, GIT_COMMITTER_EMAIL: identity.email },
    },
  });
  const made = await repositoryOf(folder).commit();
  if (made === undefined) throw new Error('nothing was committed');
  return made;
}

function repository(name = 'clouds'): string {
  const folder = join(root, name);
  mkdirSync(folder);
  git(folder, 'init', '-q', '-b', 'main');
  return folder;
}

test('an inventory stands at a commit, with or without changes beside it', async () => {
  const folder = repository();
  const made = await commit(folder, 'one');
  expect(made).toEqual({
    hash: git(folder, 'rev-parse', 'HEAD'),
    committedAt: expect.stringMatching(/^2026-01-01T10:\d\d:00(Z|\+00:00)$/),
    dirty: false,
  });
  writeFileSync(join(folder, 'cloud.yaml'), 'one and a half');
  expect(await repositoryOf(folder).commit()).toEqual({ ...made, dirty: true });
  // What was never committed counts, too: an override that only one of two colleagues has.
  writeFileSync(join(folder, 'cloud.yaml'), 'one');
  mkdirSync(join(folder, 'overrides'));
  writeFileSync(join(folder, 'overrides', 'nova.conf'), 'x');
  expect((await repositoryOf(folder).commit())?.dirty).toBe(true);
});

test('changes elsewhere in the repository are not those of the inventory', async () => {
  const folder = repository();
  mkdirSync(join(folder, 'paris'));
  writeFileSync(join(folder, 'paris', 'cloud.yaml'), 'paris');
  await commit(folder, 'one');
  writeFileSync(join(folder, 'cloud.yaml'), 'two');
  expect((await repositoryOf(join(folder, 'paris')).commit())?.dirty).toBe(false);
});

test('where there is no repository, no commit or no git there is no commit, and nothing is older', async () => {
  const other = { hash: 'a'.repeat(40), committedAt: '2030-01-01T00:00:00Z' };
  const path = process.env['PATH'];
  const empty = repository('empty');
  for (const folder of [root, empty, join(root, 'nowhere')]) {
    expect(await repositoryOf(folder).commit()).toBeUndefined();
    expect(await repositoryOf(folder).isOlderThan(other)).toBe(false);
  }
  const folder = repository();
  await commit(folder, 'one');
  try {
    process.env['PATH'] = root;
    expect(await repositoryOf(folder).commit()).toBeUndefined();
  } finally {
    process.env['PATH'] = path;
  }
});

test('an ancestor is older whatever the dates say, and what was made on it is not', async () => {
  const folder = repository();
  const first = await commit(folder, 'one', '2026-01-02T10:00:00Z');
  const second = await commit(folder, 'two', '2026-01-01T10:00:00Z');
  expect(await repositoryOf(folder).isOlderThan(first)).toBe(false);
  expect(await repositoryOf(folder).isOlderThan(second)).toBe(false);
  git(folder, 'checkout', '-q', first.hash);
  expect(await repositoryOf(folder).isOlderThan(second)).toBe(true);
});

test('of two branches the one that was committed to earlier is older', async () => {
  const folder = repository();
  await commit(folder, 'base', '2026-01-01T10:00:00Z');
  git(folder, 'checkout', '-qb', 'mine');
  const mine = await commit(folder, 'mine', '2026-01-01T12:00:00Z');
  git(folder, 'checkout', '-q', 'main');
  const yours = await commit(folder, 'yours', '2026-01-01T13:00:00Z');
  expect(await repositoryOf(folder).isOlderThan(mine)).toBe(false);
  git(folder, 'checkout', '-q', 'mine');
  expect(await repositoryOf(folder).isOlderThan(yours)).toBe(true);
});

test('a shallow clone goes by the dates', async () => {
  const folder = repository();
  const first = await commit(folder, 'one', '2026-01-01T10:00:00Z');
  await commit(folder, 'two', '2026-01-01T12:00:00Z');
  git(root, 'clone', '-q', '--depth', '1', `file://${folder}`, 'shallow');
  const shallow = repositoryOf(join(root, 'shallow'));
  expect(await shallow.isOlderThan(first)).toBe(false);
  expect(await shallow.isOlderThan({ hash: 'f'.repeat(40), committedAt: '2026-01-01T13:00:00+00:00' })).toBe(
    true,
  );
});
