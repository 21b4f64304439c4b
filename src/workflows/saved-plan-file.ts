import { z } from 'zod';
import { readText, writeOwned } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { type SavedPlan, savedPlanFormat } from '../model/saved-plan.ts';

/** A saved plan with the seal that tells whether it is as it was written, by somebody with the same secrets. */
export interface SealedPlan {
  readonly saved: SavedPlan;
  readonly seal: string;
}

/** Writes it for this user alone, as a whole or not at all. Throws McpError `invalid-arguments` where that can't be. */
export const writePlanFile = (file: string, { saved, seal }: SealedPlan): Promise<void> =>
  writeOwned(file, `${JSON.stringify({ type: 'saved-plan', seal, saved }, null, 1)}\n`, 0o600);

/** Throws McpError `invalid-arguments` where `file` can't be read, or is no plan that this version understands. */
export async function readPlanFile(file: string): Promise<SealedPlan> {
  const read = await readText(file);
  if (read.kind === 'missing') throw refused(file, 'is not there');
  if (read.kind === 'unreadable') throw refused(file, `can't be read: ${read.reason}`);
  const found = jsonIn(read.text);
  const { data: head } = headSchema.safeParse(found);
  if (head === undefined) throw refused(file, 'is no plan that was saved with `mcp plan --out`');
  if (head.saved.format !== savedPlanFormat) {
    throw refused(file, `was saved by mcp ${head.saved.program}, in a format that this one does not know`);
  }
  const { data: whole } = fileSchema.safeParse(found);
  if (whole === undefined) throw refused(file, 'is damaged: parts of the plan are missing');
  return { saved: whole.saved, seal: whole.seal };
}

/** The one text of a saved plan that its seal is made of, however its file is laid out. */
export const sealedText = (saved: SavedPlan): string => JSON.stringify(savedSchema.parse(saved));

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (file: string, what: string): McpError =>
  new McpError('invalid-arguments', `${file} ${what}`, { hint: 'make one with `mcp plan --out FILE`' });

const names = z.array(z.string());

const stepSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('install-packages'), packages: names }),
  z.strictObject({
    kind: z.literal('make-directory'),
    ...{ path: z.string(), mode: z.string(), owner: z.string(), group: z.string() },
  }),
  z.strictObject({ kind: z.literal('swap-files'), paths: names }),
  z.strictObject({
    kind: z.literal('unit'),
    unit: z.string(),
    action: z.enum(['start', 'restart', 'reload', 'enable', 'disable-and-stop', 'reload-daemon', 'retire']),
  }),
  z.strictObject({ kind: z.literal('bootstrap'), unit: z.string(), title: z.string() }),
  z.strictObject({ kind: z.literal('task'), name: z.string(), title: z.string() }),
  z.strictObject({ kind: z.literal('remove-files'), paths: names, directories: names }),
  z.strictObject({ kind: z.literal('remove-data'), paths: names }),
  z.strictObject({
    kind: z.literal('record-membership'),
    membership: z.strictObject({ members: z.array(z.strictObject({ name: z.string() })) }),
  }),
  z.strictObject({ kind: z.literal('release') }),
]);

const planSchema = z.strictObject({
  cloud: z.string(),
  changes: z.array(
    z.strictObject({
      ...{ host: z.string(), service: z.string(), path: z.string() },
      action: z.enum(['create', 'update', 'attributes']),
      edited: z.boolean(),
      before: z.string().optional(),
      after: z.string(),
      template: z.string(),
      overrides: names,
    }),
  ),
  batches: z.array(
    z.strictObject({
      ...{ id: z.number(), service: z.string(), title: z.string() },
      hosts: z.array(z.strictObject({ host: z.string(), steps: z.array(stepSchema) })),
      ...{ disruptive: z.boolean(), capacity: z.string(), leaving: names },
      purpose: z.literal('logins').exactOptional(),
    }),
  ),
  // A plan that must not be carried out is not saved.
  refusals: z.array(z.never()),
  departures: z.array(
    z.strictObject({
      host: z.string(),
      kind: z.enum(['leaves', 'gives-up', 'forgotten', 'returned', 'elsewhere']),
      services: names,
    }),
  ),
  missing: z.array(
    z.strictObject({
      host: z.string(),
      kind: z.enum(['silent', 'unwell', 'maintenance']),
      reason: z.string(),
      capacity: names,
    }),
  ),
});

const savedSchema = z.strictObject({
  format: z.literal(savedPlanFormat),
  program: z.string(),
  made: z.string(),
  asked: z.strictObject({
    ...{ verb: z.string(), by: z.string(), from: z.string() },
    job: z.string().exactOptional(),
    commit: z.strictObject({ hash: z.string(), committedAt: z.string(), dirty: z.boolean() }).exactOptional(),
  }),
  options: z.strictObject({
    overwriteDrift: z.boolean().exactOptional(),
    allowOlder: z.boolean().exactOptional(),
    allowUnreachable: names.exactOptional(),
    limit: names.exactOptional(),
    forget: names.exactOptional(),
    purge: z.boolean().exactOptional(),
    keepFormer: z.boolean().exactOptional(),
  }),
  inputs: z.record(z.string(), z.string()),
  plan: planSchema,
});

const headSchema = z.object({
  type: z.literal('saved-plan'),
  saved: z.object({ format: z.number(), program: z.string() }),
});

const fileSchema = z.strictObject({ type: z.literal('saved-plan'), seal: z.string(), saved: savedSchema });
