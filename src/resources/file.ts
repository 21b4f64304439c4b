import type { FileResource } from '../model/resource.ts';

type Wanted = Pick<FileResource, 'path' | 'content' | 'template'> & Partial<FileResource>;

/** A rendered file, root's and 0644 with `#` comments unless said otherwise. */
export const configFile = (wanted: Wanted): FileResource => ({
  mode: '0644',
  owner: 'root',
  group: 'root',
  comment: '#',
  overrides: [],
  ...wanted,
  kind: 'file',
});
