import { programWith } from '../model/shell-program.ts';
import type { ScriptStep } from '../model/step.ts';
import { withHeldUnits } from './held-unit.ts';
import stopUnitText from './stop-unit.sh';

/**
 * Ends a unit whose service serves nobody, the hard way where it does not hear: never one that clients use. Nobody starts
 * it until a program releases it.
 */
export const stopUnit = (host: string, unit: string, title: string): ScriptStep => ({
  host,
  title,
  timeoutSeconds: 60,
  script: programWith(withHeldUnits(stopUnitText), { values: { unit } }),
});
