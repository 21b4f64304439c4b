export { applyOverrides } from './overrides.ts';
export { renderFor } from './render.ts';
export { rendererOf } from './rendering.ts';
export { loadTemplates } from './templates.ts';
