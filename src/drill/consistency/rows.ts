/** A row that a client was told is committed. */
export interface AcknowledgedRow {
  readonly number: number;
  /** The member that committed it; empty where it died before it could say. */
  readonly writer: string;
  /** Its place in the cluster's order of commits; undefined where the member did not say. */
  readonly sequence: number | undefined;
}

/** What clients did and what each member has in the end. */
export interface RowHistory {
  readonly acknowledged: readonly AcknowledgedRow[];
  /** Every number that was ever sent, answered or not. */
  readonly attempted: readonly number[];
  /** The numbers found on each member, read from that member alone. */
  readonly foundOn: ReadonlyMap<string, readonly number[]>;
}

export interface RowVerdict {
  readonly acknowledged: number;
  /** Acknowledged, and missing on at least one member. */
  readonly lost: readonly { readonly number: number; readonly missingOn: readonly string[] }[];
  /** Found, and never sent. */
  readonly unexpected: readonly number[];
  /** Found on some members and missing on others, acknowledged or not. */
  readonly diverging: readonly number[];
  /** Their outcome was unknown to the client, and they are there: allowed. */
  readonly resolved: number;
}

/** Looks for every acknowledged row on every member. */
export function judgeRows({ acknowledged, attempted, foundOn }: RowHistory): RowVerdict {
  const members = [...foundOn].map(([host, numbers]) => ({ host, numbers: new Set(numbers) }));
  const missingOn = (number: number) =>
    members.filter(({ numbers }) => !numbers.has(number)).map(({ host }) => host);
  const everywhere = new Set(members.flatMap(({ numbers }) => [...numbers]));
  const sent = new Set(attempted);
  const acknowledgedNumbers = new Set(acknowledged.map(({ number }) => number));
  return {
    acknowledged: acknowledgedNumbers.size,
    lost: [...acknowledgedNumbers]
      .map((number) => ({ number, missingOn: missingOn(number) }))
      .filter((row) => row.missingOn.length > 0 || members.length === 0),
    unexpected: [...everywhere].filter((number) => !sent.has(number)),
    diverging: [...everywhere].filter((number) => missingOn(number).length > 0),
    resolved: [...everywhere].filter((number) => sent.has(number) && !acknowledgedNumbers.has(number)).length,
  };
}

/** Who committed, in the cluster's order: one entry for each time that the writer changed. */
export interface WriterRun {
  readonly writer: string;
  readonly rows: number;
}

/**
 * With one writer at a time, k hand-overs leave k + 1 runs. A writer that comes back between the rows of another means
 * that two took writes at once, or that something failed back.
 */
export function writerRuns(acknowledged: readonly AcknowledgedRow[]): readonly WriterRun[] {
  const ordered = acknowledged
    .filter(({ writer, sequence }) => writer !== '' && sequence !== undefined)
    .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const runs: WriterRun[] = [];
  for (const { writer } of ordered) {
    const last = runs.at(-1);
    if (last?.writer === writer) runs[runs.length - 1] = { writer, rows: last.rows + 1 };
    else runs.push({ writer, rows: 1 });
  }
  return runs;
}
