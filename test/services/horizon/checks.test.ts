import { expect, test } from 'vitest';
import { judgeReply } from '../../../src/services/horizon/checks.ts';
import { parsePage } from '../../../src/services/horizon/replies.ts';

const said = (output: string) => judgeReply('prx01', parsePage(output)).map(({ message }) => message);

test.each([
  ['status=200 form=yes milliseconds=105\n', []],
  ['status=none form=no milliseconds=12\n', ['the dashboard does not answer']],
  ['status=500 form=no milliseconds=80\n', ['the dashboard answers 500']],
  ['status=200 form=no milliseconds=80\n', ['the dashboard answers without its sign-in form']],
  ['not-installed\n', ['the dashboard is not set up']],
  ['', ['the dashboard could not be asked in time']],
])('%j', (output, expected) => {
  expect(said(output)).toEqual(expected);
});
