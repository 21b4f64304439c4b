export { earlierState } from './earlier.ts';
export { dueAtLast } from './host-change.ts';
export { planEntering, planReturn, withMaintenance } from './maintenance.ts';
export type { MaintenanceRequest } from './maintenance-request.ts';
export { planChanges } from './plan-changes.ts';
export type { PlanRequest } from './plan-request.ts';
export { inputsOf, type KeyedHash, outdatedBy, planToSave } from './saved-plan.ts';
export { runsToUndo, type Undone } from './undone-runs.ts';
