import type { X509Certificate } from 'node:crypto';
import { type Certificate, calledOwner, datedFlaw, renewalHint } from '../model/certificate.ts';
import { type Diagnostic, error, warning } from '../model/diagnostic.ts';
import { Secret } from '../model/secret.ts';
import { type Authority, parsedIn } from './authority.ts';
import { authorityFiles, type Flaws, noFlaws, ownerFiles, strayKey } from './certificate-files.ts';
import { type ChainFlaw, flawIn, purposesLackedBy, uncovered } from './certificate-flaws.ts';
import type { PlacedOwner } from './certificate-owners.ts';
import { type Chain, calledIn, chainOf, datesOf, pathOf, validity } from './chain.ts';
import type { AskPassword } from './key-passwords.ts';
import { shownPath } from './operator.ts';
import { type Pem, readPem } from './pem-file.ts';
import { type OpenedKey, openKey } from './private-key.ts';
import { readableByOthers } from './secret-file.ts';
import { objectionTo } from './shown-to-each-other.ts';
import { strictFlaws } from './strict-rules.ts';

export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether what has expired is a mistake; whoever asks may judge that by itself. */
  readonly judgesExpiry: boolean;
  /** Undefined: nobody is there to be asked for the password of a key. */
  readonly ask: AskPassword | undefined;
}

/** What a certificate is held against. */
export interface LoadContext extends Circumstances {
  readonly directory: string;
  readonly authority: Authority;
  readonly owners: readonly PlacedOwner[];
}

/** What the files of an owner hold. */
export interface Loaded extends Flaws {
  readonly owner: PlacedOwner;
  readonly certificate?: Certificate;
  /** What its file holds; undefined where that is not PEM. */
  readonly chain?: Chain;
}

/** Reads the certificate of one owner and its key, and says what is wrong with them. */
export async function loadFor(owner: PlacedOwner, context: LoadContext): Promise<Loaded> {
  const { path } = owner;
  const files = ownerFiles(context.directory, owner);
  const [pem, keyPem] = await Promise.all([
    readPem(files.certificate, 'certificate'),
    readPem(files.key, 'key'),
  ]);
  const parsed = pem.kind === 'pem' ? parsedIn(pem.pem) : [];
  if (pem.kind === 'pem' && parsed.length === 0) {
    const wrong = [error(path, `${shownPath(files.certificate)} is not a PEM certificate`)];
    return { owner, wrong, missing: [] };
  }
  if (pem.kind !== 'pem' || keyPem.kind !== 'pem') {
    const chain = chainOf(parsed, () => false);
    const told = flawsOfReading([pem, keyPem], { owner, context });
    return { owner, ...told, ...(chain === undefined ? {} : { chain }) };
  }
  const key = await openKey(files.key, keyPem.pem, context.ask);
  const chain = chainOf(parsed, (each) => key.kind === 'key' && each.checkPrivateKey(key.key));
  if (chain === undefined) return { owner, ...noFlaws };
  const flaws = await flawsOf(chain, key, { owner, context });
  const ofKey = key.kind === 'key' ? [] : [error(path, key.message, key.hint)];
  const wrong = [
    ...(await readableByOthers(files.key, path)),
    ...strayKey(files.certificate, pem.pem, path),
    ...(key.kind === 'unfit' ? ofKey : []),
    ...flaws.map(({ severity = 'error', message, hint }) =>
      (severity === 'error' ? error : warning)(path, `${shownPath(files.certificate)} ${message}`, hint),
    ),
  ];
  const missing = key.kind === 'closed' ? ofKey : [];
  if (key.kind !== 'key') return { owner, chain, wrong, missing };
  return { owner, chain, wrong, missing, certificate: certificateOf(chain, key.pem, context) };
}

interface Owned {
  readonly owner: PlacedOwner;
  readonly context: LoadContext;
}

type Flaw = ChainFlaw & Partial<Pick<Diagnostic, 'severity'>>;

async function flawsOf(chain: Chain, key: OpenedKey, { owner, context }: Owned): Promise<readonly Flaw[]> {
  const { leaf, strangers } = chain;
  const hint = renewalHint(signedBy(leaf, context), calledOwner(owner, context.owners));
  const dated = context.judgesExpiry ? datedFlaw(datesOf(leaf), context.now) : undefined;
  const named = [...uncovered(leaf, owner.needed), ...purposesLackedBy(leaf, owner)];
  const isOfKey = key.kind === 'key' && leaf.checkPrivateKey(key.key);
  return [
    ...(key.kind === 'key' && !isOfKey ? [{ message: 'does not belong to the key beside it' }] : []),
    ...(dated === undefined ? [] : [dated]),
    ...named.map((message) => ({ message })),
    ...strangers.map(({ subject }) => ({
      severity: 'warning' as const,
      message: `holds the certificate of ${calledIn(subject)}, which is no part of its chain and is left out`,
      hint: 'remove it there',
    })),
    ...(isOfKey ? await flawsOfChain(chain, key.pem, { owner, context }) : []),
  ].map((flaw) => ({ hint, ...flaw }));
}

/** What OpenSSL says of it. Purposes and dates that have been told by then are not told again. */
async function flawsOfChain(chain: Chain, key: string, { owner, context }: Owned): Promise<readonly Flaw[]> {
  const { authority, directory, now, judgesExpiry } = context;
  const objection = await objectionTo({
    ...{ chain: textOf(chain), key, authorities: authority.text ?? '' },
    as: owner.kind === 'host' ? 'both' : 'server',
  });
  if (objection === undefined) {
    return owner.isVerifiedStrictly === true ? strictFlaws(pathOf(chain, authority.certificates, now)) : [];
  }
  if (objection.code === 'INVALID_PURPOSE' && purposesLackedBy(chain.leaf, owner).length > 0) return [];
  const trusted = authority.certificates;
  if (dateErrors.has(objection.code)) {
    const isTold = pathOf(chain, trusted, now).some((each) => !validity(each).isValidAt(now));
    // It goes by this machine's clock, which is not always the one that is asked about.
    if (isTold || !judgesExpiry || Math.abs(Date.now() - now) > 60_000) return [];
  }
  const authorities = shownPath(authorityFiles(directory).certificate);
  return [withOurs(flawIn(objection, chain, { trusted, authorities, now }), context)];
}

/** It may be one of ours, of a former authority: what no service needed then was not signed anew. */
const withOurs = (flaw: ChainFlaw, { authority }: LoadContext): ChainFlaw =>
  flaw.hint !== undefined && authority.canSign
    ? { ...flaw, hint: `${flaw.hint}; or remove it and its key, and run \`mcp certs init\` for one of ours` }
    : flaw;

const dateErrors: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

const certificateOf = (chain: Chain, key: string, context: LoadContext): Certificate => ({
  certificate: textOf(chain),
  key: new Secret(key),
  signedBy: signedBy(chain.leaf, context),
  ...datesOf(chain.leaf),
});

const textOf = ({ leaf, issuers }: Chain): string =>
  [leaf, ...issuers].map((each) => each.toString()).join('');

/** Ours are signed by the authority itself, whose key is here. */
const signedBy = (leaf: X509Certificate, { authority }: LoadContext): Certificate['signedBy'] =>
  authority.canSign && authority.signers.some((each) => leaf.verify(each.publicKey)) ? 'ours' : 'theirs';

/** The first of a pair that did not come as PEM tells; what is half there was made once, and lost. */
function flawsOfReading([certificate, key]: readonly [Pem, Pem], { owner, context }: Owned): Flaws {
  const [first] = [certificate, key].flatMap((file) => (file.kind === 'pem' ? [] : [file]));
  if (first === undefined) return noFlaws;
  const hint = first.kind === 'missing' ? hintForMissing({ certificate, owner, context }) : first.hint;
  const told = [error(owner.path, first.message, hint)];
  const isMissing = first.kind === 'closed' || [certificate, key].every(({ kind }) => kind === 'missing');
  return isMissing ? { wrong: [], missing: told } : { wrong: told, missing: [] };
}

function hintForMissing({ certificate, owner, context }: Owned & { readonly certificate: Pem }): string {
  const { authority, directory } = context;
  if (certificate.kind === 'pem') {
    const [leaf] = parsedIn(certificate.pem);
    if (leaf === undefined || signedBy(leaf, context) === 'theirs')
      return 'put the key of the certificate beside it there';
  }
  if (authority.canSign) return 'run `mcp certs init`';
  const files = ownerFiles(directory, owner);
  return `get a certificate for ${owner.needed.join(', ')} from the authority beside it, and put it into ${shownPath(files.certificate)} and its key into ${shownPath(files.key)}`;
}
