export { applyOverrides } from './overrides.ts';
export { renderFor } from './render.ts';
export { loadTemplates } from './templates.ts';
