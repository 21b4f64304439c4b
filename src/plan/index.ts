export { planEntering, planReturn, withMaintenance } from './maintenance.ts';
export type { MaintenanceRequest } from './maintenance-request.ts';
export { planChanges } from './plan-changes.ts';
export type { PlanRequest } from './plan-request.ts';
export { inputsOf, type KeyedHash, outdatedBy, planToSave } from './saved-plan.ts';
