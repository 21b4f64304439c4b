import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';

/** The overrides that concern `host`, the wider ones first, so that applied in order the narrower one wins. */
export const applyTo = (overrides: readonly Override[], host: Host): readonly Override[] =>
  overrides
    .filter(({ scope }) => concerns(scope, host))
    .map((override, position) => ({ override, position }))
    .sort((a, b) => width(a.override) - width(b.override) || a.position - b.position)
    .map(({ override }) => override);

function concerns(scope: Override['scope'], host: Host): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'role':
      return host.roles.includes(scope.role);
    case 'host':
      return scope.host === host.name;
  }
}

const width = ({ scope }: Override): number => ['all', 'role', 'host'].indexOf(scope.kind);
