import type { ObservedFile } from '../model/observed.ts';
import { sha256 } from '../resources/index.ts';
import { contentLimit, type Question } from './observation-program.ts';
import { linesOf, type Parts, textOf } from './reply-parts.ts';

/** How each file and folder that was asked about is, by path. */
export function filesIn(parts: Parts, { files, directories }: Question): ReadonlyMap<string, ObservedFile> {
  const stats = statsIn(parts);
  const hashes = new Map(linesOf(textOf(parts, 'hashes')).map((line) => [line.slice(66), line.slice(0, 64)]));
  const contents = contentsIn(parts);
  const observed = new Map<string, ObservedFile>();
  for (const { path, content, mode, owner, group } of files) {
    const stat = stats.get(path);
    const hash = hashes.get(path) ?? '';
    const same = hash === sha256(content) && stat?.isRegular === true;
    const attributesAgree = stat?.mode === mode && stat.owner === owner && stat.group === group;
    observed.set(
      path,
      same && attributesAgree ? { kind: 'same' } : otherThanDesired(stat, hash, contents.get(path)),
    );
  }
  for (const path of directories) observed.set(path, otherThanDesired(stats.get(path), '', undefined));
  return observed;
}

function otherThanDesired(stat: Stat | undefined, hash: string, content: string | undefined): ObservedFile {
  if (stat === undefined) return { kind: 'absent' };
  const { mode, owner, group } = stat;
  if (stat.isDirectory) return { kind: 'directory', mode, owner, group };
  return { kind: 'different', sha256: hash, mode, owner, group, content };
}

interface Stat {
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly isRegular: boolean;
  readonly isDirectory: boolean;
}

function statsIn(parts: Parts): ReadonlyMap<string, Stat> {
  return new Map(
    linesOf(textOf(parts, 'stats')).map((line) => {
      const [mode = '', owner = '', group = '', type = '', ...path] = line.split(' ');
      const format = Number.parseInt(type, 16) & 0xf000;
      const stat = {
        mode: mode.padStart(4, '0'),
        owner,
        group,
        isRegular: format === 0x8000,
        isDirectory: format === 0x4000,
      };
      return [path.join(' '), stat];
    }),
  );
}

function contentsIn(parts: Parts): ReadonlyMap<string, string | undefined> {
  const names = [...parts.keys()].filter((name) => /^content-\d+$/.test(name));
  return new Map(
    names.map((name) => {
      const content = parts.get(name) ?? Buffer.alloc(0);
      const path = textOf(parts, `${name}.path`).trimEnd();
      return [path, content.length > contentLimit ? undefined : content.toString()];
    }),
  );
}
