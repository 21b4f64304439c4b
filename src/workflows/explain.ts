import { explainSetting, settingPaths } from '../inventory/index.ts';
import type { Explanation } from '../model/explanation.ts';
import { services } from '../services/index.ts';

/** What may be written at `path` of an inventory. Throws McpError `invalid-arguments` where nothing may. */
export const explain = (path: string): Explanation => explainSetting(path, services);

/** Every path that can be explained. */
export const explainable = (): readonly string[] => settingPaths(services);
