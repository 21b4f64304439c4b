export { checkAsText } from './check-text.ts';
export { diagnosticsAsText } from './diagnostics-text.ts';
export { explanationAsText } from './explanation-text.ts';
export { failureReport } from './failure-report.ts';
export { bugAsText, failureAsText } from './failure-text.ts';
export { historyAsJson, historyAsText, runAsJson, runAsText, undoneAsText } from './history-text.ts';
export { createJsonLines } from './json-lines.ts';
export {
  type CaseOutcome,
  junitAsXml,
  type TestReport,
  type TestSuite,
} from './junit.ts';
export { asFailure, follow, type RolloutListener, together } from './listener.ts';
export { createLiveTerminal } from './live-terminal.ts';
export { brokenLocksAsText, locksAsJson, locksAsText } from './lock-text.ts';
export { maintenanceAsText, restingAsJson, restingAsText } from './maintenance-text.ts';
export { type MarkdownBlock, markdownAsText } from './markdown.ts';
export { maskWith } from './mask.ts';
export { createOutput, type Output } from './output.ts';
export { type Paint, paintFor } from './paint.ts';
export { createPlainLines } from './plain-lines.ts';
export { planDiff } from './plan-diff.ts';
export { planAsJson } from './plan-json.ts';
export { planAsDocument } from './plan-markdown.ts';
export { planAsText } from './plan-text.ts';
export { recoveryAsText } from './recovery-text.ts';
export type { Report } from './report.ts';
export { createRunReport } from './run-report.ts';
export { savedPlanAsText } from './saved-plan-text.ts';
export { healthAsJson, statusAsJson } from './status-json.ts';
export { statusReport } from './status-report.ts';
export { statusAsText } from './status-text.ts';
export { summarise } from './summary.ts';
export { summaryAsText } from './summary-text.ts';
export { tableAsText } from './table.ts';
