import { z } from 'zod';
import { McpError } from '../model/failure.ts';
import type { ObservedFile, ObservedUnit, ReachableHost, UnitRecord } from '../model/observed.ts';
import { type Answer, notInstalled, type Probe, type ProbeReply } from '../model/probe.ts';
import type { LastRuns } from '../model/run.ts';
import { sha256 } from '../resources/index.ts';
import { accountFrom } from './lock-record.ts';
import { belongingsFrom, membershipFrom } from './membership-record.ts';
import { answersOf, contentLimit, endMark, type Question, type toldFiles } from './observation-program.ts';

/** What surrounds a reply: whose it is, what was asked, and our clock around the exchange, milliseconds. */
export interface Exchange {
  readonly host: string;
  readonly question: Question;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Reads a reply of the observation program. Throws `reply-truncated` when a byte of it is missing. */
export function parseObservation(reply: string, exchange: Exchange): ReachableHost {
  const { parts, madeAt } = partsOf(reply, exchange.host);
  const state = sectionsOf(text(parts, 'state'));
  const part = (name: string) => (parts.get(name) ?? Buffer.alloc(0)).toString();
  const facts = new Map(linesOf(part('facts')).map((line) => splitOnce(line, '=')));
  const format = facts.get('format');
  return {
    kind: 'reachable',
    host: exchange.host,
    bootId: facts.get('boot') ?? '',
    ...clockOf(madeAt.get('clock-begin'), madeAt.get('clock-end'), exchange),
    release: facts.get('release') ?? '',
    files: filesIn(parts, exchange.question),
    packages: packagesIn(part('packages')),
    ...unitsIn(part('units'), linesOf(part('units-asked')), Number(facts.get('uptime') ?? Number.NaN)),
    records: recordsIn(state),
    appliedFiles: appliedIn(state.told.files),
    membership: membershipFrom(state.told.members, exchange.host),
    belongings: belongingsFrom(state.told.belongings),
    lastRuns: lastRunsFrom(state.told.asked),
    probes: probesIn(parts, exchange.question),
    addresses: (facts.get('addresses') ?? '').split(' ').filter((address) => address !== ''),
    cloud: facts.get('cloud'),
    format: format === undefined ? undefined : Number(format),
    diskFreeBytes: bytesOf(facts.get('disk') ?? ''),
    memoryTotalBytes: Number(facts.get('memory') ?? 0) * 1024,
  };
}

type Parts = ReadonlyMap<string, Buffer>;

/** An index of `size time name` lines, a blank line, the parts one after the other, and the end mark. Times are in seconds. */
function partsOf(
  reply: string,
  host: string,
): { readonly parts: Parts; readonly madeAt: ReadonlyMap<string, number> } {
  const bytes = Buffer.from(reply, 'base64');
  const indexEnd = bytes.indexOf('\n\n');
  const index = linesOf(bytes.subarray(0, Math.max(indexEnd, 0)).toString()).map((line) => line.split(' '));
  const parts = new Map<string, Buffer>();
  let offset = indexEnd + 2;
  for (const [size, , name = ''] of index) {
    parts.set(name, bytes.subarray(offset, offset + Number(size)));
    offset += Number(size);
  }
  if (indexEnd < 0 || bytes.subarray(offset).toString() !== `\n${endMark}\n`) {
    throw new McpError('reply-truncated', `${host}: its answer to the observation is not whole`, {
      host,
      hint: 'run the command again; if it stays, look at free space and memory of the host',
    });
  }
  return { parts, madeAt: new Map(index.map(([, time, name = '']) => [name, Number(time)])) };
}

/** `blocks*size`. */
function bytesOf(disk: string): number {
  const [blocks = 0, size = 0] = disk.split('*').map(Number);
  return blocks * size;
}

/** As NTP does: the mean of both directions, and half of the time on the way as what it may be wrong by. */
function clockOf(
  begin = Number.NaN,
  end = Number.NaN,
  { sentAt, receivedAt }: Exchange,
): Pick<ReachableHost, 'clockSkewMilliseconds' | 'clockUncertaintyMilliseconds'> {
  const [hostBegin, hostEnd] = [begin * 1000, end * 1000];
  return {
    clockSkewMilliseconds: Math.round((hostBegin - sentAt + (hostEnd - receivedAt)) / 2),
    clockUncertaintyMilliseconds: Math.round((receivedAt - sentAt - (hostEnd - hostBegin)) / 2),
  };
}

function filesIn(parts: Parts, { files, directories }: Question): ReadonlyMap<string, ObservedFile> {
  const stats = statsIn(parts);
  const hashes = new Map(linesOf(text(parts, 'hashes')).map((line) => [line.slice(66), line.slice(0, 64)]));
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
    linesOf(text(parts, 'stats')).map((line) => {
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
      const path = text(parts, `${name}.path`).trimEnd();
      return [path, content.length > contentLimit ? undefined : content.toString()];
    }),
  );
}

function packagesIn(part: string): ReadonlyMap<string, string> {
  const installed = linesOf(part)
    .map((line) => line.split(' '))
    .filter(([, status]) => status === 'installed');
  return new Map(installed.map(([name = '', , version = '']) => [name, version]));
}

/** systemctl answers in the order asked, one block a unit; what follows are transient units of runs. */
function unitsIn(
  part: string,
  asked: readonly string[],
  uptimeSeconds: number,
): Pick<ReachableHost, 'units' | 'runningSteps'> {
  const blocks = part
    .split('\n\n')
    .map((block) => new Map(linesOf(block).map((line) => splitOnce(line, '='))))
    .filter((block) => block.size > 0);
  const steps = blocks.slice(asked.length).filter((block) => running.has(block.get('ActiveState') ?? ''));
  return {
    units: new Map(asked.flatMap((name, index) => entry(name, unitIn(blocks[index], uptimeSeconds)))),
    runningSteps: steps.map((block) => block.get('Id') ?? ''),
  };
}

const running = new Set(['active', 'activating', 'deactivating', 'reloading']);

function entry<Value>(name: string, value: Value | undefined): readonly (readonly [string, Value])[] {
  return value === undefined ? [] : [[name, value]];
}

function unitIn(
  block: ReadonlyMap<string, string> | undefined,
  uptimeSeconds: number,
): ObservedUnit | undefined {
  if (block === undefined) return undefined;
  const unchangedSeconds = uptimeSeconds - Number(block.get('StateChangeTimestampMonotonic')) / 1e6;
  return {
    loadState: block.get('LoadState') ?? '',
    activeState: block.get('ActiveState') ?? '',
    subState: block.get('SubState') ?? '',
    unitFileState: block.get('UnitFileState') ?? '',
    mainPid: Number(block.get('MainPID') ?? 0),
    startedAtMicroseconds: Number(block.get('ExecMainStartTimestampMonotonic') ?? 0),
    ...(Number.isFinite(unchangedSeconds) ? { unchangedSeconds: Math.max(0, unchangedSeconds) } : {}),
  };
}

/** What stands below `/var/lib/mcp`: records of units by name, and the other files. */
interface ToldState {
  readonly units: ReadonlyMap<string, string>;
  readonly told: Readonly<Record<(typeof toldFiles)[number], string>>;
}

/** `tail -v` puts `==> path <==` before the lines of each file. */
function sectionsOf(part: string): ToldState {
  const sections = part.split(/^==> (.*) <==\n/m).slice(1);
  const byPath = sections.flatMap((path, at) =>
    at % 2 === 0 ? [[path, sections[at + 1] ?? ''] as const] : [],
  );
  const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
  const isUnit = (path: string): boolean => path.split('/').at(-2) === 'units';
  const others = new Map(
    byPath.filter(([path]) => !isUnit(path)).map(([path, text]) => [nameOf(path), text]),
  );
  const told = (name: (typeof toldFiles)[number]): string => others.get(name) ?? '';
  return {
    units: new Map(byPath.filter(([path]) => isUnit(path)).map(([path, text]) => [nameOf(path), text])),
    told: {
      files: told('files'),
      belongings: told('belongings'),
      members: told('members'),
      asked: told('asked'),
    },
  };
}

const recordsIn = ({ units }: ToldState): ReadonlyMap<string, UnitRecord> =>
  new Map(
    [...units].map(([name, lines]) => {
      const fields = new Map(linesOf(lines).map((line) => splitOnce(line, '=')));
      return [name, { restart: fields.get('restart') ?? '', reload: fields.get('reload') ?? '' }];
    }),
  );

/** As a run begins, it writes the number of the last run; then that of the last one that put files there, and its account. */
function lastRunsFrom(part: string): LastRuns | undefined {
  const [first = '', second = ''] = part.split('\n');
  if (!/^\d+$/.test(first)) return undefined;
  const [number, line] = splitOnce(second, ' ');
  const account = accountFrom(line);
  return {
    number: Number(first),
    deployed: account === undefined ? undefined : { number: Number(number), account },
  };
}

const appliedIn = (part: string): ReadonlyMap<string, string> =>
  new Map(linesOf(part).map((line) => [line.slice(66), line.slice(0, 64)]));

function probesIn(parts: Parts, { probes }: Question): ReadonlyMap<string, ProbeReply> {
  return new Map(
    probes.map((probe, index) => [
      probe.name,
      probeReply(probe, printedBy(probe, index, parts), answersIn(parts, index)),
    ]),
  );
}

/** What it printed, then what it was answered; cut off where one of them is not there. */
function probeReply(
  { script, asks }: Probe,
  printed: ProbeReply,
  answers: readonly Answer[] | 'lacking' | undefined,
): ProbeReply {
  if (asks === undefined) return printed;
  if (answers === undefined) return { exitCode: cutOff, stdout: printed.stdout };
  if (answers !== 'lacking') return { ...printed, stdout: `${printed.stdout}${asks.told(answers)}` };
  return script === undefined ? { exitCode: 0, stdout: `${notInstalled}\n` } : printed;
}

function printedBy({ script }: Probe, index: number, parts: Parts): ProbeReply {
  if (script === undefined) return { exitCode: 0, stdout: '' };
  return {
    exitCode: Number(text(parts, `probe-${index}.code`) || cutOff),
    stdout: text(parts, `probe-${index}.out`),
  };
}

/** `lacking`: the host has not what it is about. Undefined: nobody was asked to the end. */
function answersIn(parts: Parts, index: number): readonly Answer[] | 'lacking' | undefined {
  const part = parts.get(answersOf(index));
  if (part === undefined || part.length === 0) return undefined;
  return answers.parse(JSON.parse(part.toString())) ?? 'lacking';
}

const answers = z
  .array(
    z.object({
      reached: z.boolean(),
      milliseconds: z.number(),
      text: z.string().optional(),
      certificate: z.string().optional(),
    }),
  )
  .nullable();

/** As `timeout` says it. */
const cutOff = 124;

const text = (parts: Parts, name: string): string => (parts.get(name) ?? Buffer.alloc(0)).toString();

const linesOf = (part: string): readonly string[] => part.split('\n').filter((line) => line !== '');

function splitOnce(line: string, separator: string): readonly [string, string] {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + separator.length)];
}
