export { systemClock } from './clock.ts';
export type { DrillContext } from './context.ts';
export { runDrill } from './drill.ts';
export type { DrillEvent } from './event.ts';
export { labPower } from './power.ts';
export { keepPunctual } from './priority.ts';
export {
  drillSummaryAsJson,
  eventAsJson,
  faultAsJson,
  recordAsJson,
  versionAsJson,
} from './report/drill-json.ts';
export { drillReport } from './report/drill-report.ts';
export { drillAsText } from './report/drill-text.ts';
export { eventAsText } from './report/event-text.ts';
export { steadyReport } from './report/steady-report.ts';
export { steadyAsText } from './report/steady-text.ts';
export { runSteady } from './steady-run.ts';
export { clientWorkload } from './workload.ts';
