import type { ToldStep } from '../model/told-plan.ts';
import { counted } from './words.ts';

/** What a step does, in the plan: packages and files are told apart from it, by name. */
export function stepAsText(step: ToldStep): string {
  switch (step.kind) {
    case 'install-packages':
      return `install ${step.packages.join(', ')}`;
    case 'make-directory':
      return `directory ${step.path} ${step.mode} ${step.owner}:${step.group}`;
    case 'swap-files':
      return `write ${counted(step.paths.length, 'file')}`;
    case 'unit':
      return unitWords[step.action].replace('UNIT', step.unit);
    case 'bootstrap':
      return `${step.title} (${step.unit}, once in the cluster's life)`;
    case 'task':
      return `task: ${step.title}`;
    case 'remove-files':
      return `remove ${counted(step.paths.length, 'file')} of ours`;
    case 'remove-data':
      return `remove the data in ${step.paths.join(' and ')}`;
    case 'record-membership':
      return `${counted(step.membership.members.length, 'member')}: ${step.membership.members.map(({ name }) => name).join(', ')}`;
    case 'release':
      return 'belong to no cloud: keys, certificates and state are removed';
  }
}

const unitWords = {
  start: 'start UNIT',
  restart: 'restart UNIT',
  reload: 'reload UNIT',
  enable: 'enable UNIT',
  'disable-and-stop': 'disable and stop UNIT',
  'reload-daemon': 'let systemd read unit files again',
  retire: 'stop and disable UNIT',
} as const;
