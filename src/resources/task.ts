import type { TaskResource } from '../model/resource.ts';

/** Something done again whenever the files it reads have changed. */
export const task = (wanted: Omit<TaskResource, 'kind'>): TaskResource => ({ ...wanted, kind: 'task' });
