export { applyOverrides } from './overrides.ts';
export { renderFor } from './render.ts';
export { loadTemplates, type Templates } from './templates.ts';
