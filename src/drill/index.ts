export { systemClock } from './clock.ts';
export type { DrillContext, Power } from './context.ts';
export { type DrillOptions, runDrill } from './drill.ts';
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
export { drillAsText } from './report/drill-text.ts';
export { eventAsText } from './report/event-text.ts';
export { steadyAsText } from './report/steady-text.ts';
export type { DrillResult } from './result.ts';
export { runSteady, type SteadyOptions } from './steady-run.ts';
export { clientWorkload } from './workload.ts';
