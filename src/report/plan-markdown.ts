import { type Batch, type FileChange, isEmpty, type Plan } from '../model/plan.ts';
import type { MarkdownBlock } from './markdown.ts';
import { departureAsText, headline, missingAsText } from './plan-text.ts';
import { counted, groupedBy } from './words.ts';

/** A plan for whoever reviews it: what is refused, every batch with what is left meanwhile, the files. `diff` may be empty. */
export const planAsDocument = (plan: Plan, diff: string): readonly MarkdownBlock[] => [
  { kind: 'heading', level: 2, text: headline(plan) },
  ...listed(
    'Refused',
    plan.refusals.map(({ message, hint }) => `${message} → ${hint}`),
  ),
  ...listed('Left out', plan.missing.map(missingAsText)),
  ...listed('Leaving', plan.departures.map(departureAsText)),
  ...(isEmpty(plan) ? [] : [batchTable(plan)]),
  ...(plan.changes.length === 0 ? [] : [fileTable(plan.changes)]),
  ...(diff === '' ? [] : [folded('Every difference, secrets masked', diff)]),
];

function listed(title: string, items: readonly string[]): readonly MarkdownBlock[] {
  if (items.length === 0) return [];
  return [
    { kind: 'heading', level: 3, text: title },
    { kind: 'list', items },
  ];
}

const folded = (summary: string, diff: string): MarkdownBlock => ({
  kind: 'details',
  summary,
  block: { kind: 'code', language: 'diff', text: diff },
});

const batchTable = ({ batches }: Plan): MarkdownBlock => ({
  kind: 'table',
  columns: ['batch', 'what', 'hosts', 'meanwhile'],
  rows: batches.map((batch) => [String(batch.id), batch.title, hostsOf(batch), batch.capacity]),
});

const hostsOf = ({ hosts, leaving }: Batch): string =>
  hosts.length > 0
    ? hosts.map(({ host }) => host).join(' ')
    : `those who stay forget ${leaving.join(' and ')}`;

/** The same change of the same file stands there once, with its hosts. */
function fileTable(changes: readonly FileChange[]): MarkdownBlock {
  const groups = groupedBy(changes, ({ path, action, edited, overrides }) =>
    [path, action, edited, ...overrides].join('\0'),
  );
  const rows = groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [[actionOf(first), first.path, group.map(({ host }) => host).join(' '), noteOn(first)]];
  });
  return {
    kind: 'details',
    summary: counted(groups.length, 'file'),
    block: { kind: 'table', columns: ['change', 'file', 'hosts', 'note'], rows },
  };
}

const actionOf = ({ action }: FileChange): string =>
  ({ create: 'new', update: 'changed', attributes: 'mode and owner' })[action];

const noteOn = ({ edited, overrides }: FileChange): string =>
  [
    ...(edited ? ['edited by someone else since the last run: would be overwritten'] : []),
    ...(overrides.length === 0 ? [] : [`with ${overrides.join(', ')}`]),
  ].join('; ');
