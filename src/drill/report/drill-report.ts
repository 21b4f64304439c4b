import type { CaseOutcome, MarkdownBlock, Report, TestSuite } from '../../report/index.ts';
import type { DrillResult, TrialResult } from '../result.ts';
import type { SeriesResult } from '../summary.ts';
import { countedTrials } from './drill-text.ts';
import { timelineAsText } from './timeline-text.ts';
import { hostsText } from './words.ts';

/** A drill: a suite for each fault with a case for each trial, and a document with what clients saw in each. */
export const drillReport = ({ verdict, trials }: DrillResult): Report => ({
  tests: { name: 'mcp failover-drill', suites: suitesOf(trials) },
  document: [
    {
      kind: 'heading',
      level: 2,
      text: `${verdict === 'PASS' ? '✅' : '❌'} failover drill: ${verdict}, ${countedTrials(trials)}`,
    },
    { kind: 'table', columns: ['fault', 'trial', 'on', 'verdict', 'outages'], rows: trials.map(rowOf) },
    ...trials.filter(({ reasons }) => reasons.length > 0).flatMap(whyNot),
  ],
});

function suitesOf(trials: readonly TrialResult[]): readonly TestSuite[] {
  const faults = [...new Set(trials.map(({ fault }) => fault))];
  return faults.map((fault) => ({
    name: fault,
    cases: trials
      .filter((trial) => trial.fault === fault)
      .map((trial) => ({
        classname: fault,
        name: `${trial.title}, trial ${trial.repeat}`,
        ...(trial.measured ? { seconds: trial.measured.healthyAfterSeconds } : {}),
        outcome: outcomeOf(trial),
      })),
  }));
}

/** What missed is a failure; what could not be measured or was given up is an error, and says nothing about the cloud. */
function outcomeOf(trial: TrialResult): CaseOutcome {
  const { verdict, reasons } = trial;
  if (verdict === 'PASS') return { kind: 'passed', remarks: whatWasSeen(trial).join('\n') };
  return {
    kind: verdict === 'FAIL' ? 'failure' : 'error',
    type: verdict,
    message: reasons[0] ?? verdict,
    text: [...reasons.map((reason) => `✗ ${reason}`), ...whatWasSeen(trial)].join('\n'),
  };
}

/** The measured figures, and what hosts said meanwhile where they were not good. */
function whatWasSeen({ targets, measured, verdict }: TrialResult): readonly string[] {
  if (measured === undefined) return [];
  const { rows, messages, healthyAfterSeconds, series, timeline } = measured;
  return [
    `on ${hostsText(targets)}`,
    ...series.map(figures),
    `rows: ${rows.acknowledged} acknowledged, ${rows.lost.length} lost; ` +
      `messages: ${messages.confirmed} confirmed, ${messages.lost.length} lost`,
    `all checks green again after ${healthyAfterSeconds.toFixed(1)} s`,
    ...(verdict === 'PASS' || timeline.length === 0 ? [] : [timelineAsText(measured)]),
  ];
}

const figures = ({ name, attempts, failed, ...seen }: SeriesResult): string =>
  `${name}: outage ${inSeconds(seen.outageMilliseconds)}, allowed ${inSeconds(seen.budgetMilliseconds)}; ` +
  `second outage ${inSeconds(seen.secondOutageMilliseconds)}, allowed ${inSeconds(seen.secondBudgetMilliseconds)}; ` +
  `${failed} of ${attempts} attempts failed`;

const inSeconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

const rowOf = ({ fault, repeat, targets, verdict, measured }: TrialResult): readonly string[] => [
  fault,
  String(repeat),
  hostsText(targets),
  verdict,
  measured ? outagesOf(measured.series) : '',
];

/** `sql 1.50 s of 4.00 s`, for each endpoint that failed or may. */
const outagesOf = (series: readonly SeriesResult[]): string =>
  series
    .filter(({ outageMilliseconds, budgetMilliseconds }) => outageMilliseconds + budgetMilliseconds > 0)
    .map(
      ({ name, outageMilliseconds, budgetMilliseconds }) =>
        `${name} ${inSeconds(outageMilliseconds)}, allowed ${inSeconds(budgetMilliseconds)}`,
    )
    .join('; ');

function whyNot(trial: TrialResult): readonly MarkdownBlock[] {
  const text = whatWasSeen(trial).join('\n');
  return [
    { kind: 'heading', level: 3, text: `${trial.fault} ${trial.repeat}: ${trial.verdict}` },
    { kind: 'list', items: trial.reasons },
    ...(text === ''
      ? []
      : ([
          {
            kind: 'details',
            summary: 'What was measured',
            block: { kind: 'code', language: 'text', text },
          },
        ] as const)),
  ];
}
