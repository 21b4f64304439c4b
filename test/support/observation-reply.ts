import { endMark, type Question } from '../../src/execute/observation-program.ts';
import type { ObservedFile, ObservedUnit, ReachableHost, UnitRecord } from '../../src/model/observed.ts';
import type { FileResource } from '../../src/model/resource.ts';
import { sha256 } from '../../src/resources/index.ts';

/**
 * What the observation program prints on a host that is as `seen`. It goes into every detail that the program does, so that
 * it is as long as that of a real host.
 */
export function observationReply(seen: ReachableHost, { files, directories, units }: Question): string {
  const asked = [...new Set([...units, ...seen.belongings.flatMap(unitsIn)])];
  const found = files.flatMap((file) => foundFile(file, seen.files.get(file.path)));
  const contents = found.flatMap(({ path, content }, index) =>
    content === undefined
      ? []
      : ([
          [`content-${index + 1}`, content],
          [`content-${index + 1}.path`, `${path}\n`],
        ] as const),
  );
  const parts: readonly (readonly [string, string])[] = [
    ['clock-begin', ''],
    ['clock-end', ''],
    ...contents,
    ['facts', factsOf(seen)],
    ['hashes', lines(found.map(({ path, hash }) => `${hash}  ${path}`).sort())],
    ['packages', lines([...seen.packages].map(([name, version]) => `${name} installed ${version}`))],
    ['state', [...seen.records].map(recordOf).concat(toldIn(seen)).join('\n')],
    [
      'stats',
      lines([...found.map(({ stat }) => stat), ...directories.flatMap((path) => statOf(path, seen))]),
    ],
    ['units', asked.map((name) => blockOf(name, seen.units.get(name))).join('\n')],
    ['units-asked', lines(asked)],
  ];
  const index = parts
    .map(([name, text]) => `${Buffer.byteLength(text)} ${Date.now() / 1000} ${name}\n`)
    .join('');
  const bodies = parts.map(([, text]) => text).join('');
  return Buffer.from(`${index}\n${bodies}\n${endMark}\n`).toString('base64');
}

interface FoundFile {
  readonly path: string;
  readonly hash: string;
  readonly stat: string;
  readonly content: string | undefined;
}

function foundFile(wanted: FileResource, seen: ObservedFile | undefined): readonly FoundFile[] {
  const { path } = wanted;
  if (seen === undefined || seen.kind === 'absent' || seen.kind === 'directory') return [];
  const { mode, owner, group } = seen.kind === 'same' ? wanted : seen;
  const stat = `${mode} ${owner} ${group} 81a4 ${path}`;
  return seen.kind === 'same'
    ? [{ path, stat, hash: sha256(wanted.content), content: undefined }]
    : [{ path, stat, hash: seen.sha256, content: seen.content }];
}

function statOf(path: string, { files }: ReachableHost): readonly string[] {
  const seen = files.get(path);
  return seen?.kind === 'directory' ? [`${seen.mode} ${seen.owner} ${seen.group} 41ed ${path}`] : [];
}

const recordOf = ([unit, { restart, reload }]: readonly [string, UnitRecord]): string =>
  `==> /var/lib/mcp/units/${unit} <==\nrestart=${restart}\nreload=${reload}\n`;

const toldIn = ({ appliedFiles, belongings, membership }: ReachableHost): readonly string[] =>
  Object.entries({
    files: lines([...appliedFiles].map(([path, hash]) => `${hash}  ${path}`)),
    belongings: lines(belongings.map(({ kind, name, service }) => `${kind} ${name} ${service}`)),
    members: membership === undefined ? '' : `${JSON.stringify(membership)}\n`,
  }).map(([name, text]) => `==> /var/lib/mcp/${name} <==\n${text}`);

const lines = (words: readonly string[]): string => words.map((word) => `${word}\n`).join('');

const unitsIn = ({ kind, name }: ReachableHost['belongings'][number]): readonly string[] =>
  kind === 'unit' ? [name] : [];

const factsOf = ({ release, bootId, cloud, format }: ReachableHost): string =>
  lines([
    `release=${release}`,
    `boot=${bootId}`,
    'uptime=86400.12',
    'memory=16384000',
    'addresses=10.77.0.11 10.77.0.100',
    'disk=9000000*4096',
    ...(cloud === undefined ? [] : [`cloud=${cloud}`]),
    ...(format === undefined ? [] : [`format=${format}`]),
  ]);

const blockOf = (name: string, unit: ObservedUnit | undefined): string =>
  lines([
    `MainPID=${unit?.mainPid ?? 0}`,
    `ExecMainStartTimestampMonotonic=${unit?.startedAtMicroseconds ?? 0}`,
    `Id=${name}`,
    `LoadState=${unit?.loadState ?? 'not-found'}`,
    `ActiveState=${unit?.activeState ?? 'inactive'}`,
    `SubState=${unit?.subState ?? 'dead'}`,
    `UnitFileState=${unit?.unitFileState ?? ''}`,
    'StateChangeTimestampMonotonic=86000000000',
  ]);
