import type { Step } from './step.ts';

/** What a step does, in a few words, for whoever watches. */
export function titleOf(step: Step): string {
  switch (step.kind) {
    case 'install-packages':
      return `install ${step.packages.length} packages`;
    case 'make-directory':
      return `make ${step.path}`;
    case 'swap-files':
      return step.paths.length === 1 ? `write ${step.paths[0]}` : `write ${step.paths.length} files`;
    case 'unit':
      return step.action === 'reload-daemon' ? 'reload systemd' : `${unitVerbs[step.action]} ${step.unit}`;
    case 'bootstrap':
    case 'task':
      return step.title;
    case 'remove-files':
      return `remove ${step.paths.length === 1 ? step.paths[0] : `${step.paths.length} files`}`;
    case 'remove-data':
      return `remove the data in ${step.paths.join(' and ')}`;
    case 'record-membership':
      return 'record who belongs to the cloud';
    case 'release':
      return 'belong to no cloud';
  }
}

/** What may be done to a unit. */
export type UnitAction = Extract<Step, { kind: 'unit' }>['action'];

const unitVerbs: Readonly<Record<UnitAction, string>> = {
  start: 'start',
  restart: 'restart',
  reload: 'reload',
  enable: 'enable',
  'disable-and-stop': 'stop and disable',
  'reload-daemon': 'reload',
  retire: 'stop and disable',
};
