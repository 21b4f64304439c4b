import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance } from '../../model/topology.ts';
import { withHeldUnits } from '../../resources/index.ts';
import { dataDirectory, serverSocket, unit } from './layout.ts';
import { type Member, memberOn } from './member.ts';
import positionText from './position.sh';

/** What a member knows of the transactions that were ever committed. */
export type Knowledge = { readonly host: string } & (
  | { readonly kind: 'silent' }
  /** It could not be asked in time: it may have more than all others. */
  | { readonly kind: 'unknown' }
  /** It never had any data. */
  | { readonly kind: 'none' }
  | Unreadable
  | Readable
);

/** Its data can't be used; `seqno` is how far it went where it still says so. */
interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
  readonly seqno: number | undefined;
  /** There is none at all: on a disk that is not mounted it may be as good as ever. */
  readonly isGone: boolean;
}

interface Readable {
  readonly kind: 'readable';
  /** The cluster whose data it is, and its last transaction there. */
  readonly cluster: string;
  readonly seqno: number;
  /** It says of itself that it left last, in an orderly way: nobody can have more. */
  readonly claimsToBeLast: boolean;
}

export type ReadableKnowledge = Readable & { readonly host: string };

const probeName = 'galera.position';

/** A server that is stopped has to read its own log for it, as at any start: seconds, and more where it crashed. */
export const positionProbe = (): Probe => ({
  name: probeName,
  script: programWith(withHeldUnits(positionText), {
    values: { data: dataDirectory, socket: serverSocket, unit },
  }),
  deadlineSeconds: 150,
});

export function knowledgeOf({ host: { name: host } }: Instance, observed: ObservedState): Knowledge {
  const now = reachable(observed, host);
  if (now === undefined) return { host, kind: 'silent' };
  const member = memberOn(observed, host);
  const told = new Map((probeOutput(observed, host, probeName) ?? '').split('\n').map(asPair));
  const [data, cluster, seqno] = [told.get('data'), told.get('uuid'), Number(told.get('seqno'))];
  if (member?.installed === false || data === 'none' || cluster === nobodys) {
    const isExplained = !now.records.has(unit) || told.has('aside') || member?.copyCutOff === true;
    return isExplained ? { host, kind: 'none' } : { host, kind: 'unreadable', ...lost };
  }
  if (data === 'unreadable') return { host, kind: 'unreadable', ...damaged(told.get('reason'), member) };
  if (cluster === undefined || !(seqno >= 0)) return { host, kind: 'unknown' };
  return { host, kind: 'readable', cluster, seqno, claimsToBeLast: member?.saved?.safe === true };
}

const lost = {
  reason: 'there is none, though it ran here: is its disk mounted?',
  seqno: undefined,
  isGone: true,
} as const;

function damaged(reason = 'no reason given', member: Member | undefined) {
  const seqno = member?.saved?.seqno ?? -1;
  return { reason, seqno: seqno >= 0 ? seqno : undefined, isGone: false };
}

const nobodys = '00000000-0000-0000-0000-000000000000';

const asPair = (line: string): readonly [string, string] => {
  const at = line.indexOf('=');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
};
