import { resolve } from 'node:path';
import type { CertificateOwner } from '../model/certificate.ts';
import { type Diagnostic, error, type LocatedDiagnostic, warning } from '../model/diagnostic.ts';
import { type Doubts, isDoubtful, noDoubts } from '../model/doubts.ts';
import type { Inventory } from '../model/inventory.ts';
import type { SecretSpec } from '../model/secret.ts';
import type { CertifiedTopology, Service } from '../model/service.ts';
import { assemble, type Described, placesBeside, type RawServices } from './assemble.ts';
import { certificateOwners, type PlacedOwner, vipOwners } from './certificate-owners.ts';
import { loadCertificates, noCertificates } from './certificates.ts';
import { valueAt } from './complaints.ts';
import { describedInVain } from './in-vain.ts';
import type { AskPassword } from './key-passwords.ts';
import { shownPath } from './operator.ts';
import { loadOverrides } from './overrides.ts';
import type { Circumstances } from './owner-certificate.ts';
import { largestYaml, readText } from './read-file.ts';
import { loadRecipients } from './recipients.ts';
import { filesWithSecrets, isSealedFile } from './secret-file.ts';
import { loadSecrets, secretSpecs } from './secrets.ts';
import { settledPlatform } from './settled-platform.ts';
import { settledSettings } from './settled-settings.ts';
import { shapeOf } from './shape.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

/** An inventory as far as it could be read, with all that is wrong with it. */
export interface LoadedInventory {
  /** Undefined where too little is right; otherwise with something harmless in place of the parts that are wrong (see `doubts`). */
  readonly inventory: Inventory | undefined;
  /** What can't be said of it because of mistakes. */
  readonly doubts: Doubts;
  readonly diagnostics: readonly Diagnostic[];
  /** Where a diagnostic's path was written. */
  locate(diagnostic: Diagnostic): LocatedDiagnostic;
  /** Every secret that the services ask for. */
  readonly secretSpecs: readonly SecretSpec[];
  /** Absolute, for `mcp secrets init` and `mcp certs init`. */
  readonly secretsFile: string;
  readonly certificatesDirectory: string;
  /** Who needs a certificate, as far as it is known. */
  readonly certificateOwners: readonly CertificateOwner[];
  /** For whom secrets and keys are encrypted, and the file that says so. */
  readonly recipients: readonly string[];
  readonly recipientsFile: string;
}

export interface LoadOptions {
  /**
   * `everything`: secrets and certificates must be there and fit. `what-is-there`: those that are there must fit, and
   * what is missing is a warning (`validate`). `topology`: all that is wrong with them is a warning, for what makes or
   * mends them (`lab up`, `secrets init`, `certs init`).
   */
  readonly needs?: 'everything' | 'what-is-there' | 'topology';
  /** Whether an expired certificate is a mistake; `left-alone`: whoever asks judges it by itself. */
  readonly expiry?: 'judged' | 'left-alone';
  /** Milliseconds since the epoch. */
  readonly now?: number;
  /** Asks for the password of a key; absent: nobody is asked, and only what is given beforehand is tried. */
  readonly askPassword?: AskPassword | undefined;
  /** What is about to be written there, in place of what the file says. */
  readonly text?: string;
  /**
   * Who runs what on which host, from which comes whose hosts need certificates; undefined where the inventory is not right
   * enough to say. Absent: those of the VIPs alone are looked at.
   */
  readonly resolve?: Resolve;
}

type Resolve = (inventory: Inventory, doubts: Doubts) => CertifiedTopology | undefined;

/**
 * Reads an inventory and what lies beside it. Never throws for mistakes in it: they are all in `diagnostics`. Where it leaves
 * to RELEASE what a lab's hosts run, and that is no release, it throws McpError `invalid-arguments`.
 */
export async function loadInventory(
  path: string,
  services: readonly Service[],
  { needs = 'everything', expiry = 'judged', now = Date.now(), ...options }: LoadOptions = {},
): Promise<LoadedInventory> {
  const file = resolve(path);
  const source = await readSource(path, options.text);
  const {
    shape,
    written,
    diagnostics,
    doubts: ofShape,
  } = source.value === undefined ? unshaped : shapeOf(source.value, services);
  const doubts = source.isWhole ? ofShape : { ...ofShape, roles: true, vips: true };
  const locate = (diagnostic: Diagnostic): LocatedDiagnostic =>
    isLocated(diagnostic) ? diagnostic : { ...diagnostic, ...source.placeOf(diagnostic.path) };
  const places = placesBeside(file, shape ?? {});
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
    const nothing = { inventory: undefined, secretSpecs: [], certificateOwners: [] };
    return { ...told, ...nothing, doubts, diagnostics: found };
  }
  const rawServices = rawServicesIn(written);
  const platform = await settledPlatform(file, shape);
  const { described, flaws } = settledSettings(assemble(file, { ...shape, platform }, rawServices), services);
  const specs = secretSpecs(services, described.services);
  const beside = await readBeside(described, {
    ...{ places, specs },
    circumstances: { now, judgesExpiry: expiry === 'judged', ask: options.askPassword },
    ownersIn: (inventory) =>
      ownersIn(inventory, { topology: options.resolve?.(inventory, doubts), doubts, services }),
  });
  return {
    ...told,
    inventory: { ...described, ...beside.parts },
    doubts,
    diagnostics: [
      ...found,
      ...flaws,
      ...describedInVain(described, { shape, rawServices, services, doubts }),
      ...beside.overrideMistakes,
      ...(needs === 'topology' ? beside.wrong.map(asWarning) : beside.wrong),
      ...(needs === 'everything' ? beside.missing : beside.missing.map(asWarning)),
    ],
    secretSpecs: specs,
    certificateOwners: beside.owners,
  };
}

interface Known {
  readonly topology: CertifiedTopology | undefined;
  readonly doubts: Doubts;
  readonly services: readonly Service[];
}

/** A certificate is held against names, so it is not looked at where something stands in for one of these. */
const ownersIn = ({ vips }: Inventory, { topology, doubts, services }: Known): readonly PlacedOwner[] =>
  topology === undefined
    ? vipOwners(vips.filter(({ name }) => !isDoubtful(['vips', name], doubts)))
    : certificateOwners(topology, services);

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

const unshaped = {
  shape: undefined,
  written: undefined,
  diagnostics: [] as readonly Diagnostic[],
  doubts: { ...noDoubts, roles: true, vips: true },
};

const isLocated = (diagnostic: Diagnostic): diagnostic is LocatedDiagnostic => 'line' in diagnostic;

const asWarning = <Found extends Diagnostic>(diagnostic: Found): Found => ({
  ...diagnostic,
  severity: 'warning',
});

async function readSource(file: string, text: string | undefined): Promise<YamlSource> {
  const nowhere = { value: undefined, isWhole: false, placeOf: () => ({ file, line: 1, column: 1 }) };
  const complain = (message: string): YamlSource => ({
    ...nowhere,
    diagnostics: [{ ...error([], message), ...nowhere.placeOf() }],
  });
  const read = text === undefined ? await readText(file, largestYaml) : { kind: 'text' as const, text };
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
  described: Described,
  context: {
    readonly places: ReturnType<typeof placesBeside>;
    readonly specs: readonly SecretSpec[];
    readonly circumstances: Circumstances;
    ownersIn(inventory: Inventory): readonly PlacedOwner[];
  },
) {
  const { places, specs, circumstances } = context;
  const [secrets, overrides] = await Promise.all([
    loadSecrets(places.secretsFile, specs),
    loadOverrides(places.overrides, described.machines),
  ]);
  const known = { secrets: secrets.secrets, overrides: overrides.overrides };
  const owners = context.ownersIn({ ...described, ...known, certificates: noCertificates });
  const certificates = await loadCertificates(places.certificatesDirectory, owners, circumstances);
  return {
    parts: { ...known, certificates: certificates.certificates },
    owners,
    overrideMistakes: overrides.diagnostics,
    wrong: [...secrets.wrong, ...certificates.wrong],
    missing: [...secrets.missing, ...certificates.missing],
  };
}
