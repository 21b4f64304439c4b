import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';

/** A file that the operator has for a host. */
export interface OwnFile {
  readonly path: string;
  readonly content: string;
  /** Where it lies here, absolute. */
  readonly source: string;
}

/** The operator's own files for one host: of several for one path the narrowest. */
export function ownFilesOn(host: Host, overrides: readonly Override[]): readonly OwnFile[] {
  const found = overrides
    .filter(({ scope }) => concerns(scope, host))
    .toSorted((one, other) => width(one) - width(other))
    .flatMap(({ what, source }) =>
      what.kind === 'own-file' ? [{ path: what.path, content: what.content, source }] : [],
    );
  return [...new Map(found.map((file) => [file.path, file])).values()];
}

const concerns = (scope: Override['scope'], { name, roles }: Host): boolean =>
  scope.kind === 'all' || (scope.kind === 'role' ? roles.includes(scope.role) : scope.host === name);

const width = ({ scope }: Override): number => ['all', 'role', 'host'].indexOf(scope.kind);

/** Rules of the operator's own, which are loaded, guarded and checked with ours. */
export const isFirewallPart = ({ path }: Pick<OwnFile, 'path'>): boolean =>
  /^\/etc\/mcp\/nft\.d\/[^/]+\.nft$/.test(path);
