import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  judgeMessagesWithControl,
  judgeRowsWithControl,
  plantedNumber,
} from '../../src/drill/consistency/control.ts';
import { judgeMessages } from '../../src/drill/consistency/messages.ts';
import { type AcknowledgedRow, judgeRows, writerRuns } from '../../src/drill/consistency/rows.ts';

describe('rows', () => {
  test('that were acknowledged and are missing on one member are lost', () => {
    const verdict = judgeRows({
      acknowledged: rows(1, 2, 3),
      attempted: [1, 2, 3, 4],
      foundOn: new Map([
        ['ctl01', [1, 2, 3]],
        ['ctl02', [1, 3]],
      ]),
    });
    expect(verdict.lost).toEqual([{ number: 2, missingOn: ['ctl02'] }]);
    expect(verdict.diverging).toEqual([2]);
  });

  test('whose outcome was unknown may be there or not', () => {
    const foundOn = new Map([['ctl01', [1, 4]]]);
    const verdict = judgeRows({ acknowledged: rows(1), attempted: [1, 3, 4], foundOn });
    expect(verdict).toMatchObject({ lost: [], unexpected: [], resolved: 1 });
  });

  test('that nobody wrote are reported', () => {
    const foundOn = new Map([['ctl01', [1, 9]]]);
    expect(judgeRows({ acknowledged: rows(1), attempted: [1], foundOn }).unexpected).toEqual([9]);
  });

  test('are all lost when no member could be read', () => {
    expect(judgeRows({ acknowledged: rows(1), attempted: [1], foundOn: new Map() }).lost).toHaveLength(1);
  });

  test('are lost exactly where an acknowledged number is missing, whatever else happened', () => {
    const numbers = fc.uniqueArray(fc.nat({ max: 60 }));
    fc.assert(
      fc.property(numbers, numbers, numbers, (acknowledged, onOne, onOther) => {
        const attempted = [...new Set([...acknowledged, ...onOne, ...onOther])];
        const foundOn = new Map([
          ['one', onOne],
          ['other', onOther],
        ]);
        const { lost, unexpected } = judgeRows({ acknowledged: rows(...acknowledged), attempted, foundOn });
        const expected = acknowledged.filter(
          (number) => !onOne.includes(number) || !onOther.includes(number),
        );
        expect(lost.map(({ number }) => number).toSorted()).toEqual(expected.toSorted());
        expect(unexpected).toEqual([]);
      }),
    );
  });

  test('prove nothing when the loss on purpose goes unnoticed', () => {
    const history = { acknowledged: rows(1, plantedNumber), attempted: [1, plantedNumber] };
    const honest = judgeRowsWithControl({ ...history, foundOn: new Map([['ctl01', [1]]]) });
    expect(honest).toMatchObject({ sawPlantedLoss: true, verdict: { acknowledged: 1, lost: [] } });
    const blind = judgeRowsWithControl({ ...history, foundOn: new Map([['ctl01', [1, plantedNumber]]]) });
    expect(blind.sawPlantedLoss).toBe(false);
  });
});

describe('writers', () => {
  test('form one run for each hand-over, in the order of commits and not of attempts', () => {
    const acknowledged = [placed(1, 'ctl01', 10), placed(3, 'ctl02', 12), placed(2, 'ctl01', 11)];
    expect(writerRuns(acknowledged)).toEqual([
      { writer: 'ctl01', rows: 2 },
      { writer: 'ctl02', rows: 1 },
    ]);
  });

  test('that could not be asked are left out', () => {
    expect(writerRuns([placed(1, 'ctl01', 10), { number: 2, writer: '', sequence: undefined }])).toEqual([
      { writer: 'ctl01', rows: 1 },
    ]);
  });
});

describe('messages', () => {
  test('that were confirmed and never came out are lost; those that came twice are counted', () => {
    const verdict = judgeMessages({ confirmed: [1, 2, 3], attempted: [1, 2, 3, 4], consumed: [1, 1, 3, 4] });
    expect(verdict).toEqual({ confirmed: 3, lost: [2], unexpected: [], duplicates: 1, resolved: 1 });
  });

  test('prove nothing when the loss on purpose goes unnoticed', () => {
    const history = { confirmed: [1, plantedNumber], attempted: [1, plantedNumber] };
    expect(judgeMessagesWithControl({ ...history, consumed: [1] })).toMatchObject({
      sawPlantedLoss: true,
      verdict: { confirmed: 1, lost: [] },
    });
    expect(judgeMessagesWithControl({ ...history, consumed: [1, plantedNumber] }).sawPlantedLoss).toBe(false);
  });
});

const rows = (...numbers: readonly number[]): readonly AcknowledgedRow[] =>
  numbers.map((number) => placed(number, 'ctl01', number));

const placed = (number: number, writer: string, sequence: number): AcknowledgedRow => ({
  number,
  writer,
  sequence,
});
