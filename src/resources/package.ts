import type { PackageResource } from '../model/resource.ts';

export const installedPackages = (...names: readonly string[]): readonly PackageResource[] =>
  names.map((name) => ({ kind: 'package', name }));
