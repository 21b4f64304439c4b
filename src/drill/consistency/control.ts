import { judgeMessages, type MessageHistory, type MessageVerdict } from './messages.ts';
import { judgeRows, type RowHistory, type RowVerdict } from './rows.ts';

/**
 * The number of what is lost on purpose: a row that is committed, acknowledged and deleted again, a message that is
 * noted as confirmed and never sent. A checker that does not report it proves nothing.
 */
export const plantedNumber = 999_999_999;

/** A verdict without the planted loss, and whether the checker saw that. */
export interface Controlled<Verdict> {
  readonly verdict: Verdict;
  readonly sawPlantedLoss: boolean;
}

/** `history` must say that the planted row was acknowledged; it is taken out of the verdict. */
export function judgeRowsWithControl(history: RowHistory): Controlled<RowVerdict> {
  const verdict = judgeRows(history);
  const planted = verdict.lost.find(({ number }) => number === plantedNumber);
  return {
    sawPlantedLoss: planted !== undefined && planted.missingOn.length === history.foundOn.size,
    verdict: {
      ...verdict,
      acknowledged: verdict.acknowledged - 1,
      lost: verdict.lost.filter(({ number }) => number !== plantedNumber),
    },
  };
}

/** `history` must say that the planted message was confirmed; it is taken out of the verdict. */
export function judgeMessagesWithControl(history: MessageHistory): Controlled<MessageVerdict> {
  const verdict = judgeMessages(history);
  return {
    sawPlantedLoss: verdict.lost.includes(plantedNumber),
    verdict: {
      ...verdict,
      confirmed: verdict.confirmed - 1,
      lost: verdict.lost.filter((number) => number !== plantedNumber),
    },
  };
}
