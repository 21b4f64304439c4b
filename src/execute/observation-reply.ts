import type { ReachableHost } from '../model/observed.ts';
import { belongingsFrom, membershipFrom } from './membership-record.ts';
import type { Question } from './observation-program.ts';
import { filesIn } from './observed-files.ts';
import { probesIn } from './observed-probes.ts';
import { appliedIn, lastRunsFrom, recordsIn, sectionsOf } from './observed-state.ts';
import { unitsIn } from './observed-units.ts';
import { linesOf, partsOf, splitOnce, textOf } from './reply-parts.ts';

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
  const part = (name: string) => textOf(parts, name);
  const state = sectionsOf(part('state'));
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

function packagesIn(part: string): ReadonlyMap<string, string> {
  const installed = linesOf(part)
    .map((line) => line.split(' '))
    .filter(([, status]) => status === 'installed');
  return new Map(installed.map(([name = '', , version = '']) => [name, version]));
}
