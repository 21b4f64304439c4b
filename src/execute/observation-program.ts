import type { DesiredHost } from '../model/desired.ts';
import type { Exchange, Probe } from '../model/probe.ts';
import type { Resource } from '../model/resource.ts';
import { quote } from '../model/transport.ts';
import { sha256 } from '../resources/index.ts';
import askText from './ask.py';
import type { HostPaths } from './host-paths.ts';
import { atLowPriority } from './low-priority.ts';

/** What one observation of a host asks for. */
export interface Question {
  readonly files: readonly Extract<Resource, { kind: 'file' }>[];
  readonly directories: readonly string[];
  readonly packages: readonly string[];
  readonly units: readonly string[];
  readonly probes: readonly Probe[];
}

/**
 * `probes`: what gates need, without files and packages. `state`: files, packages, units and records, which say whether
 * anything is due; no service is asked how it is.
 */
export type Depth = 'everything' | 'probes' | 'state';

export function questionFor(desired: DesiredHost | undefined, depth: Depth): Question {
  const services = desired?.services ?? [];
  const resources = services.flatMap((service) => service.resources);
  const ofKind = <Kind extends Resource['kind']>(kind: Kind) =>
    resources.filter((resource): resource is Extract<Resource, { kind: Kind }> => resource.kind === kind);
  const looksAtState = depth !== 'probes';
  return {
    files: looksAtState ? unique(ofKind('file'), ({ path }) => path) : [],
    directories: looksAtState ? [...new Set(ofKind('directory').map(({ path }) => path))] : [],
    packages: looksAtState ? [...new Set(ofKind('package').map(({ name }) => name))] : [],
    units: [...new Set(ofKind('unit').map(({ name }) => name))],
    probes: depth === 'state' ? [] : services.flatMap((service) => service.probes),
  };
}

/** How a host is looked at. */
export interface Looking {
  readonly paths: HostPaths;
  /** `low`: gets a third of what the host gives to anything else that it has to do. */
  readonly effort: 'usual' | 'low';
}

/**
 * The kernel shares a core between sessions before it looks at a process's own niceness, so the session's is set. Where
 * it groups otherwise there is no such file.
 */
const yieldToOthers = '[ ! -w /proc/self/autogroup ] || echo 5 2>/dev/null >/proc/self/autogroup || :';

/**
 * The one program of an observation. Every part writes its answer to a file of its own in a scratch directory, all at
 * the same time; then an index with sizes and times, the answers and an end mark go out in one stream, in base64 so that any
 * byte survives. When two of the parts were made is what the host's clock says: to ask it costs no process.
 */
export function observationProgram(question: Question, { paths, effort }: Looking): string {
  return [
    ...(effort === 'usual' ? [] : [yieldToOthers]),
    `LC_ALL=C; export LC_ALL; umask 077; state=${quote(paths.state)}`,
    // Known before it is there, so that whoever is cut off at any moment takes it away. Where nobody listens any more, what
    // writes is ended by SIGPIPE.
    `work=${quote(`${paths.volatile}/mcp-observe.`)}$$`,
    // What is cut off may still be answering into it; and the cut may come while it is being taken away.
    `trap 'trap "" HUP INT TERM PIPE; rm -rf "$work" 2>/dev/null || { wait; rm -rf "$work"; }' EXIT`,
    `trap 'exit 143' HUP INT TERM PIPE`,
    // A number comes round again.
    `mkdir "$work" 2>/dev/null || { rm -rf "$work" && mkdir "$work"; } || exit 70`,
    `cd "$work" || exit 70`,
    ': >clock-begin',
    ...(question.probes.length > 0 ? [probesPart(question.probes)] : []),
    unitsPart(question.units),
    ...(question.packages.length > 0 ? [packagesPart(question.packages)] : []),
    filesPart(question),
    factsPart,
    recordsPart,
    ...(question.probes.length > 0 ? ['cut_off=; wait "$probes" || cut_off=1'] : []),
    'wait',
    ': >clock-end',
    ...(question.probes.length > 0 ? [whatStays] : []),
    `{ stat -c '%s %.9Y %n' * && echo && cat * && printf '\\n${endMark}\\n'; } | base64 -w 0`,
  ].join('\n');
}

/** Last line of every whole reply. */
export const endMark = 'end of observation';

/** Contents above this many bytes are told by their hash alone. */
export const contentLimit = 262_144;

/** The same goes for what comes after so many of all files: a reply has a size that its reader takes. */
const contentsLimit = 8 * 1024 * 1024;

function unique<Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

/**
 * All probes in one shell, each in a subshell of its own, under one `timeout`: a process that has to be started costs
 * several milliseconds on each host. When the time is up, those that have not ended leave no exit code. The program
 * reaches its shell through a descriptor: on stdin it would have to share with what it runs.
 */
function probesPart(probes: readonly Probe[]): string {
  const seconds = Math.ceil(Math.max(...probes.map(({ deadlineSeconds }) => deadlineSeconds)));
  return [
    `${atLowPriority} timeout ${seconds} sh /dev/fd/3 3<<'${probesEnd}' >/dev/null 2>&1 </dev/null &`,
    ...askingPart(probes),
    ...probes.flatMap(({ script }, index) =>
      script === undefined
        ? []
        : [`{ (`, script, `) 3<&- >probe-${index}.out; echo $? >probe-${index}.code; } &`].join('\n'),
    ),
    'wait',
    probesEnd,
    'probes=$!',
  ].join('\n');
}

const probesEnd = 'END-OF-PROBES';

/** What probes ask over connections: one program for all of them, with the version of ours that reads its answers. */
function askingPart(probes: readonly Probe[]): readonly string[] {
  const asked = probes.flatMap(({ asks }, index) =>
    asks === undefined
      ? []
      : [{ file: answersOf(index), needs: asks.needs, exchanges: asks.exchanges.map(asTold) }],
  );
  if (asked.length === 0) return [];
  return [
    `if [ -x ${python} ]; then`,
    `${python} -I -S /dev/fd/4 4<<'${askEnd}' 3<&- <<'${askedEnd}' &`,
    askText.trimEnd(),
    askEnd,
    JSON.stringify(asked),
    askedEnd,
    'else',
    `for answers in ${asked.map(({ file }) => file).join(' ')}; do echo null >$answers; done`,
    'fi',
  ];
}

/** The name of the part with what the exchanges of a probe were answered: a list, or null. */
export const answersOf = (index: number): string => `probe-${index}.answers`;

const asTold = ({ place, ...exchange }: Exchange) => ({
  ...exchange,
  place: 'socket' in place ? place.socket : [place.address, place.port],
});

/** Debian's own, whatever else the path of a login leads to. */
const python = '/usr/bin/python3';
const askEnd = 'END-OF-PROGRAM';
const askedEnd = 'END-OF-QUESTIONS';

/**
 * What a probe has started with a time limit of its own outlives the probe that is cut off, and goes on writing: sizes and
 * answers are then those of a copy.
 */
const whatStays = 'if [ "$cut_off" ]; then mkdir .told && cp -p -- * .told && cd .told || exit 70; fi';

/** Units that are wanted there, and those that runs have put there: who leaves is asked for what it has. */
function unitsPart(units: readonly string[]): string {
  const properties =
    'Id,LoadState,ActiveState,SubState,UnitFileState,MainPID,ExecMainStartTimestampMonotonic,StateChangeTimestampMonotonic';
  return `set -- ${units.map(quote).join(' ')}
asked=" $* "
if [ -r "$state/belongings" ]; then
  while read -r kind name _; do
    case $kind$asked in unit*" $name "*) ;; unit*) set -- "$@" "$name"; asked="$asked$name " ;; esac
  done <"$state/belongings"
fi
printf '%s\\n' "$@" >units-asked
systemctl show --property ${properties} "$@" 'mcp-[0-9]*' >units 2>/dev/null &`;
}

function packagesPart(packages: readonly string[]): string {
  const names = packages.map(quote).join(' ');
  return `dpkg-query -W -f '\${Package} \${db:Status-Status} \${Version}\\n' ${names} >packages 2>/dev/null &`;
}

/** One stat and one sha256sum for all files; contents only of those whose hash is another than the desired one. */
function filesPart({ files, directories }: Question): string {
  const paths = [...files.map(({ path }) => path), ...directories].map(quote);
  if (paths.length === 0) return ': >stats; : >hashes';
  const expected = files
    .map(({ path, content }) => `${sha256(content)}  ${path}`)
    .sort()
    .join('\n');
  return `{
set -- ${paths.join(' ')}
stat -c '%a %U %G %f %n' -- "$@" >stats 2>/dev/null
sha256sum -- "$@" 2>/dev/null | sort >hashes
n=0; room=${contentsLimit}
comm -13 - hashes <<'${expectedEnd}' | while read -r hash path; do
${expected}
${expectedEnd}
  [ $room -gt 0 ] || break
  n=$((n + 1))
  head -c ${contentLimit + 1} -- "$path" >content-$n
  printf '%s\\n' "$path" >content-$n.path
  room=$((room - $(wc -c <content-$n)))
done
} &`;
}

const expectedEnd = 'END-OF-EXPECTED';

const factsPart = `{
. /etc/os-release
read -r boot </proc/sys/kernel/random/boot_id
read -r uptime _ </proc/uptime
while read -r key value _; do [ "$key" = MemTotal: ] && break; done </proc/meminfo
printf 'release=%s\\nboot=%s\\nuptime=%s\\nmemory=%s\\n' "$VERSION_CODENAME" "$boot" "$uptime" "$value"
printf 'addresses=%s\\n' "$(hostname -I)"
there=$state; while [ ! -d "$there" ]; do there=\${there%/*}; there=\${there:-/}; done
stat -f -c 'disk=%a*%S' -- "$there"
[ -r "$state/cloud" ] && read -r cloud <"$state/cloud" && printf 'cloud=%s\\n' "$cloud"
[ -r "$state/format" ] && read -r format <"$state/format" && printf 'format=%s\\n' "$format"
:
} >facts &`;

/** Below `/var/lib/mcp`, beside the records of units. */
export const toldFiles = ['files', 'belongings', 'members', 'asked'] as const;

/** One process for them all: each after a line with its path. */
const recordsPart = `{
tail -v -n +1 -- "$state"/units/* ${toldFiles.map((name) => `"$state/${name}"`).join(' ')} >state 2>/dev/null
:
} &`;
