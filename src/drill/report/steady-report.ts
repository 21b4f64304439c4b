import type { CaseOutcome, Report } from '../../report/index.ts';
import type { SteadyResult } from '../steady-run.ts';
import { steadyAsText } from './steady-text.ts';

/** A run with nothing broken: one test case. */
export function steadyReport(result: SteadyResult, seconds: number): Report {
  const { verdict, reasons } = result;
  const text = steadyAsText(result);
  const outcome: CaseOutcome =
    verdict === 'PASS'
      ? { kind: 'passed', remarks: text }
      : {
          ...{ kind: verdict === 'FAIL' ? 'failure' : 'error', type: verdict },
          ...{ message: reasons[0] ?? verdict, text },
        };
  return {
    tests: {
      name: 'mcp failover-drill',
      suites: [{ name: 'steady', cases: [{ classname: 'steady', name: 'nothing moves', seconds, outcome }] }],
    },
    document: [
      {
        kind: 'heading',
        level: 2,
        text: `${verdict === 'PASS' ? '✅' : '❌'} ${verdict}: ${seconds} s with nothing broken`,
      },
      { kind: 'code', language: 'text', text },
    ],
  };
}
