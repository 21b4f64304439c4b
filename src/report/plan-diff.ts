import { createTwoFilesPatch } from 'diff';
import type { DesiredState } from '../model/desired.ts';
import { type ObservedFile, type ObservedState, reachable } from '../model/observed.ts';
import type { FileChange, Plan } from '../model/plan.ts';
import type { FileResource } from '../model/resource.ts';
import { withoutEarlierSecrets } from './earlier-secrets.ts';
import type { Mask } from './mask.ts';
import { type Paint, plain } from './paint.ts';
import { groupedBy } from './words.ts';

/** A plan with the texts it compared. */
export interface Compared {
  readonly plan: Plan;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
}

/** A unified diff of every file that changes, secrets masked; the same change on several hosts is shown once. */
export function planDiff(compared: Compared, mask: Mask, paint: Paint = plain): string {
  const changes = compared.plan.changes.map((change) => ({ change, ...textsOf(change, compared) }));
  const groups = groupedBy(changes, ({ change, before, after, attributes }) =>
    [change.path, change.edited, change.action, attributes, before, after].join('\0'),
  );
  return groups
    .map((group) => {
      const [first] = group;
      if (!first) return '';
      const hosts = group.map(({ change }) => change.host).join(', ');
      return [heading(first, hosts, paint), ...body(first, mask, paint)].join('\n');
    })
    .join('\n\n');
}

interface ChangedFile {
  readonly change: FileChange;
  readonly before: string;
  readonly after: string;
  /** `0644 root:root → 0640 root:mysql`, or empty. */
  readonly attributes: string;
}

function textsOf(change: FileChange, { desired, observed }: Compared): Omit<ChangedFile, 'change'> {
  const wanted = (desired.hosts.get(change.host)?.services ?? [])
    .flatMap(({ resources }) => resources)
    .find((resource) => resource.kind === 'file' && resource.path === change.path);
  const found = reachable(observed, change.host)?.files.get(change.path);
  const after = wanted?.kind === 'file' ? wanted.content : '';
  const before = found?.kind === 'different' ? (found.content ?? after) : '';
  return { before, after, attributes: wanted?.kind === 'file' ? attributesOf(wanted, found) : '' };
}

function attributesOf(wanted: FileResource, found: ObservedFile | undefined): string {
  const after = `${wanted.mode} ${wanted.owner}:${wanted.group}`;
  if (found?.kind !== 'different') return '';
  const before = `${found.mode} ${found.owner}:${found.group}`;
  return before === after ? '' : `${before} → ${after}`;
}

function heading({ change, attributes }: ChangedFile, hosts: string, paint: Paint): string {
  const edited = change.edited ? paint.yellow('! edited by someone else: ') : '';
  const action = { create: 'new file', update: 'changed', attributes: 'mode and owner' }[change.action];
  const overrides = change.overrides.length === 0 ? '' : `, with ${change.overrides.join(', ')}`;
  const modes = attributes === '' ? '' : `, ${attributes}`;
  return `${edited}${paint.bold(change.path)} on ${hosts} (${action} from ${change.template}${overrides}${modes})`;
}

function body({ change, before, after }: ChangedFile, mask: Mask, paint: Paint): readonly string[] {
  if (change.action === 'attributes') return [];
  const masked = mask(after);
  const patch = createTwoFilesPatch(
    change.action === 'create' ? '/dev/null' : `${change.path} (on the host)`,
    `${change.path} (wanted)`,
    withoutEarlierSecrets(mask(before), masked),
    masked,
  );
  const lines = patch.split('\n').slice(1, -1);
  const says = lines.some((line) => /^[-+](?![-+]{2} )/.test(line));
  return says ? lines.map((line) => coloured(line, paint)) : [paint.dim('(only secrets differ)')];
}

function coloured(line: string, paint: Paint): string {
  if (line.startsWith('@@')) return paint.cyan(line);
  if (/^(---|\+\+\+) /.test(line)) return paint.dim(line);
  if (line.startsWith('+')) return paint.green(line);
  return line.startsWith('-') ? paint.red(line) : line;
}
