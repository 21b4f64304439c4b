import type { Service } from '../model/service.ts';

/** Every service that `mcp` deploys. Adding one is a folder here, a folder in templates/, and one line. */
export const services: readonly Service[] = [];
