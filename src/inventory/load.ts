import { resolve } from 'node:path';
import { type Diagnostic, error, type LocatedDiagnostic, warning } from '../model/diagnostic.ts';
import type { Inventory } from '../model/inventory.ts';
import type { SecretSpec } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import { assemble, type Described, placesBeside, type RawServices } from './assemble.ts';
import { loadCertificates } from './certificates.ts';
import { valueAt } from './complaints.ts';
import { shownPath } from './operator.ts';
import { loadOverrides } from './overrides.ts';
import { largestYaml, readText } from './read-file.ts';
import { loadRecipients } from './recipients.ts';
import { filesWithSecrets, isSealedFile } from './secret-file.ts';
import { loadSecrets, secretSpecs } from './secrets.ts';
import { settingsFlaws } from './settings-flaws.ts';
import { shapeOf } from './shape.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

/** An inventory as far as it could be read, with all that is wrong with it. */
export interface LoadedInventory {
  /** Undefined where too little is right; otherwise without the parts that are wrong (see `isIncomplete`). */
  readonly inventory: Inventory | undefined;
  /** Whether parts had to be left out: nothing can be said about the whole then. */
  readonly isIncomplete: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Where a diagnostic's path was written. */
  locate(diagnostic: Diagnostic): LocatedDiagnostic;
  /** Every secret that the services ask for. */
  readonly secretSpecs: readonly SecretSpec[];
  /** Absolute, for `mcp secrets init` and `mcp certs init`. */
  readonly secretsFile: string;
  readonly certificatesDirectory: string;
  /** For whom secrets and keys are encrypted, and the file that says so. */
  readonly recipients: readonly string[];
  readonly recipientsFile: string;
}

export interface LoadOptions {
  /**
   * `everything`: secrets and certificates must be there and fit. `topology`: what is wrong with them is a warning,
   * for what comes before they are made (`lab up`, `secrets init`, `certs init`, `validate`).
   */
  readonly needs?: 'everything' | 'topology';
  /** Whether an expired certificate is a mistake; `left-alone`: whoever asks judges it by itself. */
  readonly expiry?: 'judged' | 'left-alone';
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

/** Reads an inventory and what lies beside it. Never throws for an operator's mistakes: they are all in `diagnostics`. */
export async function loadInventory(
  path: string,
  services: readonly Service[],
  { needs = 'everything', expiry = 'judged', now = Date.now() }: LoadOptions = {},
): Promise<LoadedInventory> {
  const file = resolve(path);
  const source = await readSource(path);
  const { shape, diagnostics, isIncomplete } =
    source.value === undefined ? unshaped : shapeOf(source.value, services);
  const locate = (diagnostic: Diagnostic): LocatedDiagnostic =>
    isLocated(diagnostic) ? diagnostic : { ...diagnostic, ...source.placeOf(diagnostic.path) };
  const places = placesBeside(file, shape ?? { overrides: 'overrides' });
  const { recipients, diagnostics: strangers } = shape
    ? await loadRecipients(places.recipientsFile)
    : { recipients: [], diagnostics: [] };
  const unsealed =
    recipients.length === 0 ? [] : await lyingInTheClear(places.secretsFile, places.certificatesDirectory);
  const told = {
    locate,
    recipients,
    recipientsFile: places.recipientsFile,
    secretsFile: places.secretsFile,
    certificatesDirectory: places.certificatesDirectory,
  };
  const found = [...source.diagnostics, ...diagnostics, ...strangers, ...unsealed];
  if (!shape) {
    return { ...told, inventory: undefined, isIncomplete: true, diagnostics: found, secretSpecs: [] };
  }
  const described = assemble(file, shape, rawServicesIn(source.value));
  const specs = secretSpecs(services, described.services);
  const beside = await readBeside(described, { places, specs, now: expiry === 'judged' ? now : undefined });
  return {
    ...told,
    inventory: { ...described, ...beside.parts },
    isIncomplete: isIncomplete || source.diagnostics.length > 0,
    diagnostics: [
      ...found,
      ...settingsFlaws(described, services),
      ...beside.overrideMistakes,
      ...(needs === 'everything' ? beside.materialFlaws : beside.materialFlaws.map(asWarning)),
    ],
    secretSpecs: specs,
  };
}

/** Among files that are encrypted one that is not is easily committed. */
async function lyingInTheClear(secretsFile: string, certificates: string): Promise<readonly Diagnostic[]> {
  const files = await filesWithSecrets(secretsFile, certificates);
  const sealed = await Promise.all(files.map(isSealedFile));
  return files
    .filter((_file, index) => sealed[index] === false)
    .map((file) =>
      warning(
        ['secrets'],
        `${shownPath(file)} is not encrypted, as its recipients would have it`,
        'run `mcp secrets encrypt`',
      ),
    );
}

const unshaped = { shape: undefined, diagnostics: [] as readonly Diagnostic[], isIncomplete: true };

const isLocated = (diagnostic: Diagnostic): diagnostic is LocatedDiagnostic => 'line' in diagnostic;

const asWarning = <Found extends Diagnostic>(diagnostic: Found): Found => ({
  ...diagnostic,
  severity: 'warning',
});

async function readSource(file: string): Promise<YamlSource> {
  const nowhere = { value: undefined, placeOf: () => ({ file, line: 1, column: 1 }) };
  const complain = (message: string): YamlSource => ({
    ...nowhere,
    diagnostics: [{ ...error([], message), ...nowhere.placeOf() }],
  });
  const read = await readText(file, largestYaml);
  if (read.kind !== 'text') {
    return complain(`can't be read: ${read.kind === 'missing' ? 'no such file' : read.reason}`);
  }
  const source = parseYaml(file, read.text);
  return source.value === null ? complain('is empty') : source;
}

const rawServicesIn =
  (value: unknown): RawServices =>
  (machine, node) => {
    const place = node === undefined ? [] : ['nodes', node];
    const written = valueAt(value, ['machines', machine, ...place, 'services']);
    return typeof written === 'object' && written !== null ? { ...written } : {};
  };

async function readBeside(
  { machines, vips }: Described,
  context: {
    readonly places: ReturnType<typeof placesBeside>;
    readonly specs: readonly SecretSpec[];
    readonly now: number | undefined;
  },
) {
  const { places, specs, now } = context;
  const [secrets, certificates, overrides] = await Promise.all([
    loadSecrets(places.secretsFile, specs),
    loadCertificates(places.certificatesDirectory, vips, now),
    loadOverrides(places.overridesDirectory, machines),
  ]);
  return {
    parts: {
      secrets: secrets.secrets,
      certificates: certificates.certificates,
      overrides: overrides.overrides,
    },
    overrideMistakes: overrides.diagnostics,
    materialFlaws: [...secrets.diagnostics, ...certificates.diagnostics],
  };
}
