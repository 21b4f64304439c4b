/** What publishers did and what came out of the queue in the end. */
export interface MessageHistory {
  /** Numbers that the broker confirmed. */
  readonly confirmed: readonly number[];
  readonly attempted: readonly number[];
  /** Numbers as they were consumed; a number can come twice. */
  readonly consumed: readonly number[];
}

export interface MessageVerdict {
  readonly confirmed: number;
  readonly lost: readonly number[];
  /** Consumed, and never sent. */
  readonly unexpected: readonly number[];
  /** Deliveries beyond the first of each message: allowed with confirms, and counted. */
  readonly duplicates: number;
  /** Never confirmed, and they came out: allowed. */
  readonly resolved: number;
}

/** What goes in must come out: every confirmed message is looked for among the consumed ones. */
export function judgeMessages({ confirmed, attempted, consumed }: MessageHistory): MessageVerdict {
  const promised = new Set(confirmed);
  const sent = new Set(attempted);
  const arrived = new Set(consumed);
  return {
    confirmed: promised.size,
    lost: [...promised].filter((number) => !arrived.has(number)),
    unexpected: [...arrived].filter((number) => !sent.has(number)),
    duplicates: consumed.length - arrived.size,
    resolved: [...arrived].filter((number) => sent.has(number) && !promised.has(number)).length,
  };
}
