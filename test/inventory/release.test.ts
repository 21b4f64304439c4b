import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test, vi } from 'vitest';
import { usualRelease } from '../../src/model/release.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { workingFolder } from '../support/working-folder.ts';

/** What the shipped inventories of labs say: nothing of the release. */
const open = 'platform: { distribution: debian }';
let ofLab = '';
beforeAll(async () => {
  const shipped = await readFile(new URL('../../inventories/lab.yaml', import.meta.url), 'utf8');
  ofLab = shipped.replace('lab: { ', 'lab: { directory: .lab, ');
});

const openText = (): string => ofLab;
const saying = (release: string): string =>
  ofLab.replace(open, `platform: { distribution: debian, release: ${release} }`);
const withoutLab = (text: string): string => text.replace(/^lab: .*$/m, '');

/** A folder with one inventory, where RELEASE names a release and a lab may be up with one. */
async function folderWith(text: string, { asked = '', up }: { asked?: string; up?: string } = {}) {
  const shell = await workingFolder();
  vi.stubEnv('RELEASE', asked);
  await writeFile('cloud.yaml', text);
  await mkdir('.lab/mcp-lab', { recursive: true });
  if (up !== undefined) await writeFile('.lab/mcp-lab/lab.json', JSON.stringify({ lab: { release: up } }));
  return shell;
}

/** What every host of the inventory in this folder runs. */
async function releases(): Promise<readonly string[]> {
  const { topology } = await loadTopology('cloud.yaml', { needs: 'topology' });
  const { inventory, hosts } = topology;
  return [...new Set([inventory.platform.release, ...hosts.map(({ platform }) => platform.release)])];
}

test.each([
  ['nobody says anything', openText, {}, usualRelease],
  ['RELEASE names one', openText, { asked: 'trixie' }, 'trixie'],
  ['RELEASE names the other', openText, { asked: 'bookworm' }, 'bookworm'],
  ['a lab is up', openText, { up: 'trixie' }, 'trixie'],
  [
    'RELEASE is for the next lab, and another one is up',
    openText,
    { asked: 'bookworm', up: 'trixie' },
    'bookworm',
  ],
  ['the inventory says it', () => saying('trixie'), {}, 'trixie'],
  [
    'the inventory says it, whatever else is said',
    () => saying('trixie'),
    { asked: 'bookworm', up: 'bookworm' },
    'trixie',
  ],
  [
    'no lab is in the inventory, and RELEASE is none of its business',
    () => withoutLab(saying('bookworm')),
    { asked: 'trixie' },
    'bookworm',
  ],
] as const)('what hosts run where %s', async (_case, text, circumstances, wanted) => {
  await using _shell = await folderWith(text(), circumstances);
  expect(await releases()).toEqual([wanted]);
});

test('an inventory without a lab has to say its release, whatever RELEASE names', async () => {
  await using shell = await folderWith(withoutLab(ofLab), { asked: 'trixie' });
  const { exitCode, lines } = await shell.mcp(['validate', '-i', 'cloud.yaml']);
  const told = lines.join('\n');
  expect([exitCode, told]).toEqual([
    3,
    expect.stringMatching(/cloud\.yaml:\d+:\d+ error platform\.release: is required/),
  ]);
  expect(told).toContain('write what the machines run: release: bookworm, or release: trixie');
});

test('hosts of one role that run two releases are refused, with the place and what to do', async () => {
  const odd = ofLab.replace('ctl03: { ', 'ctl03: { platform: { distribution: debian, release: trixie }, ');
  await using shell = await folderWith(odd, { asked: 'bookworm' });
  const told = (await shell.mcp(['validate', '-i', 'cloud.yaml'])).lines.join('\n');
  expect(told).toMatch(
    /cloud\.yaml:\d+:12 error machines\.ctl03\.platform: ctl03 runs trixie and other hosts with control, database and messaging run bookworm/,
  );
  expect(told).toContain('let all hosts of a role run one release');
});

test('a RELEASE that is none is refused in one sentence, where it would decide', async () => {
  await using shell = await folderWith(ofLab, { asked: 'jessie' });
  const { exitCode, lines } = await shell.mcp(['validate', '-i', 'cloud.yaml']);
  expect([exitCode, lines.join('\n')]).toEqual([
    3,
    expect.stringContaining('RELEASE=jessie names no release of Debian that mcp deploys to'),
  ]);
});

test("a pipeline's own RELEASE says nothing to an inventory that names what its machines run", async () => {
  await using _shell = await folderWith(withoutLab(saying('bookworm')), { asked: '2026.11' });
  expect(await releases()).toEqual(['bookworm']);
});
