import { endMark, type Question } from '../../src/execute/observation-program.ts';
import type { ObservedUnit, ReachableHost } from '../../src/model/observed.ts';
import { sha256 } from '../../src/resources/index.ts';

/**
 * What the observation program prints on a host that is as `seen`, files being as desired: to be told as long as that of
 * a real host, it goes into every detail that the program does.
 */
export function observationReply(seen: ReachableHost, { files, directories, units }: Question): string {
  const asked = [...new Set([...units, ...seen.belongings.flatMap(unitsIn)])];
  const parts: readonly (readonly [string, string])[] = [
    ['applied', lines([...seen.appliedFiles].map(([path, hash]) => `${hash}  ${path}`))],
    ['belongings', lines(seen.belongings.map(({ kind, name, service }) => `${kind} ${name} ${service}`))],
    ['clock-begin', `${Date.now() / 1000}\n`],
    ['clock-end', `${Date.now() / 1000}\n`],
    ['facts', factsOf(seen)],
    ['hashes', lines(files.map(({ path, content }) => `${sha256(content)}  ${path}`).sort())],
    ['members', seen.membership === undefined ? '' : JSON.stringify(seen.membership)],
    ['packages', lines([...seen.packages].map(([name, version]) => `${name} installed ${version}`))],
    [
      'records',
      [...seen.records]
        .map(
          ([unit, { restart, reload }]) =>
            `==> /var/lib/mcp/units/${unit} <==\nrestart=${restart}\nreload=${reload}\n`,
        )
        .join('\n'),
    ],
    [
      'stats',
      lines([
        ...files.map(({ path, mode, owner, group }) => `${mode} ${owner} ${group} 81a4 ${path}`),
        ...directories.flatMap((path) => {
          const found = seen.files.get(path);
          return found?.kind === 'directory'
            ? [`${found.mode} ${found.owner} ${found.group} 41ed ${path}`]
            : [];
        }),
      ]),
    ],
    ['units', asked.map((name) => blockOf(name, seen.units.get(name))).join('\n')],
    ['units-asked', lines(asked)],
  ];
  const index = parts.map(([name, text]) => `${Buffer.byteLength(text)} ${name}\n`).join('');
  const bodies = parts.map(([, text]) => text).join('');
  return Buffer.from(`${index}\n${bodies}\n${endMark}\n`).toString('base64');
}

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
