import { programWith } from '../model/shell-program.ts';
import type { ScriptStep } from '../model/step.ts';
import stopUnitText from './stop-unit.sh';

/** Ends a unit whose service serves nobody, the hard way where it does not hear: never one that clients use. */
export const stopUnit = (host: string, unit: string, title: string): ScriptStep => ({
  host,
  title,
  timeoutSeconds: 60,
  script: programWith(stopUnitText, { values: { unit } }),
});
