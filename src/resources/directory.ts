import type { DirectoryResource } from '../model/resource.ts';

type Wanted = Pick<DirectoryResource, 'path'> & Partial<DirectoryResource>;

/** A directory, root's and 0755 unless said otherwise. */
export const directory = (wanted: Wanted): DirectoryResource => ({
  mode: '0755',
  owner: 'root',
  group: 'root',
  ...wanted,
  kind: 'directory',
});
