import { join } from 'node:path';
import { type CertificateOwner, ownerId } from '../model/certificate.ts';
import { type Diagnostic, type InventoryPath, warning } from '../model/diagnostic.ts';
import { shownPath } from './operator.ts';
import { eachKeyIn } from './pem-file.ts';

/** Mistakes in what lies in the folder of certificates. */
export interface Flaws {
  /** What is there and does not fit, half of a pair too. */
  readonly wrong: readonly Diagnostic[];
  /** What is still to be made, or can't be looked at by whoever runs this. */
  readonly missing: readonly Diagnostic[];
}

export const noFlaws: Flaws = { wrong: [], missing: [] };

/** Names of the files in the folder: an authority, and a certificate with its key for each owner. */
export const authorityFiles = (directory: string) => filesOf(directory, 'ca');
/** The key of an authority that is announced and signs nothing yet. */
export const nextAuthorityKey = (directory: string): string => filesOf(directory, 'ca-next').key;
export const ownerFiles = (directory: string, owner: Pick<CertificateOwner, 'kind' | 'name'>) =>
  filesOf(directory, ownerId(owner));

const filesOf = (directory: string, stem: string) => ({
  certificate: join(directory, `${stem}.crt`),
  key: join(directory, `${stem}.key`),
});

/** A key in the file of a certificate, which is for all to read, and of which nothing else is taken. */
export const strayKey = (file: string, pem: string, path: InventoryPath): readonly Diagnostic[] =>
  eachKeyIn(pem).length === 0
    ? []
    : [
        warning(
          path,
          `${shownPath(file)} holds a private key, too: only its certificates are taken`,
          'keep the key in a file of its own that nobody else can read',
        ),
      ];
