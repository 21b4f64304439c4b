export { planChanges } from './plan-changes.ts';
export type { PlanRequest } from './plan-request.ts';
