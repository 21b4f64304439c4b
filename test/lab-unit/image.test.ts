import { expect, test } from 'vitest';
import { whyItFailed } from '../../src/lab/image.ts';
import { buildWords, imageName, recipeFor } from '../../src/lab/image-recipe.ts';
import { mirrorsIn, sourceLines } from '../../src/lab/mirrors.ts';

test('an image is built anew when the services ask for another package, and only then', () => {
  const one = imageName(recipeFor('stocked', 'bookworm', ['haproxy', 'nginx']));
  expect(imageName(recipeFor('stocked', 'bookworm', ['nginx', 'haproxy', 'nginx']))).toBe(one);
  expect(imageName(recipeFor('stocked', 'bookworm', ['haproxy']))).not.toBe(one);
  expect(imageName(recipeFor('stocked', 'trixie', ['haproxy', 'nginx']))).not.toBe(one);
});

test('the bare image has none of the packages that services ask for', () => {
  const bare = recipeFor('bare', 'bookworm', ['haproxy']);
  expect(bare.packages).toEqual(['dbus', 'openssh-server', 'systemd', 'systemd-sysv']);
  expect(imageName(bare)).toBe(imageName(recipeFor('bare', 'bookworm', ['nginx'])));
});

test('recommended packages are left out and the downloaded ones kept for the repository', () => {
  const words = buildWords(recipeFor('stocked', 'bookworm', ['haproxy']), '/images/x/root', [
    'deb http://m x main',
  ]);
  expect(words).toContain('--include=dbus,haproxy,openssh-server,systemd,systemd-sysv');
  expect(words).toContain('--skip=essential/unlink,cleanup/apt/cache');
  expect(words.slice(-3)).toEqual(['bookworm', '/images/x/root', 'deb http://m x main']);
});

test('a language is made in the image, with what programs say in it, and only where an inventory asks for it', () => {
  const german = recipeFor('bare', 'bookworm', [], { packages: ['fish'], languages: ['de_DE.UTF-8'] });
  expect(german.packages).toEqual(['dbus', 'fish', 'locales', 'openssh-server', 'systemd', 'systemd-sysv']);
  const words = buildWords(german, '/images/x/root', []);
  const excluded = words.indexOf('--dpkgopt=path-exclude=/usr/share/locale/*');
  expect(words.indexOf('--dpkgopt=path-include=/usr/share/locale/de/*')).toBeGreaterThan(excluded);
  expect(words).toContain('--customize-hook=chroot "$1" localedef -i de_DE -c -f UTF-8 de_DE.UTF-8');
  // The image of a lab that wants nothing of that keeps its name: it is not built anew.
  expect(imageName(recipeFor('bare', 'bookworm', [], { packages: [], languages: [] }))).toBe(
    imageName(recipeFor('bare', 'bookworm', [])),
  );
});

test("packages come from this machine's own mirrors, whichever way it names them", () => {
  const deb822 = 'Types: deb\n# URIs: http://old/debian\nURIs: http://near/debian/\nSuites: bookworm\n';
  const oneLine = 'deb [signed-by=/k.gpg arch=amd64] http://near/debian-security bookworm-security main\n';
  const foreign = 'deb https://download.docker.com/linux/debian-like bookworm stable\n';
  expect(mirrorsIn([foreign, deb822, oneLine])).toEqual({
    debian: 'http://near/debian',
    security: 'http://near/debian-security',
  });
});

test("a machine that names no mirror of Debian's gets Debian's own", () => {
  expect(sourceLines(mirrorsIn(['deb http://archive.ubuntu.com/ubuntu noble main']), 'bookworm')).toEqual([
    'deb http://deb.debian.org/debian bookworm main',
    'deb http://deb.debian.org/debian bookworm-updates main',
    'deb http://deb.debian.org/debian-security bookworm-security main',
  ]);
});

test('of a build that failed, the package whose script failed is told, however much came after it', () => {
  const many = (line: string) => Array.from({ length: 40 }, (_, index) => `${line} ${index} ...`);
  const said = [
    ...many('Setting up before'),
    'Setting up keystone (2:22.0.0-2) ...',
    'no space for the database',
    'dpkg: error processing package keystone (--configure):',
    ' installed keystone package post-installation script subprocess returned error exit status 1',
    ...many('Setting up after'),
    'E: Sub-process /usr/bin/dpkg returned an error code (1)',
    'I: main() received signal PIPE: waiting for setup...',
    'E: mmdebstrap failed to run',
  ];
  const told = whyItFailed(said);
  expect(told).toContain('no space for the database');
  expect(told).toContain('dpkg: error processing package keystone (--configure):');
  expect(told.length).toBeLessThanOrEqual(10);
  // What ends without such a word, as a build that is killed, tells its last lines.
  expect(whyItFailed(many('Setting up'))).toEqual(many('Setting up').slice(-10));
});
