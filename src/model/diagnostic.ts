/** A mistake (or a risk) in what the operator wrote. All of them are collected and shown at once. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Where in the inventory: keys and list indexes from the root. Empty for the file as a whole. */
  readonly path: InventoryPath;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What to do about it: one imperative sentence. */
  readonly hint?: string;
}

export type InventoryPath = readonly (string | number)[];

/** A diagnostic with its place in a file: lines and columns count from 1. */
export interface LocatedDiagnostic extends Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export const error = (path: InventoryPath, message: string, hint?: string): Diagnostic => ({
  severity: 'error',
  path,
  message,
  ...(hint === undefined ? {} : { hint }),
});

export const warning = (path: InventoryPath, message: string, hint?: string): Diagnostic => ({
  ...error(path, message, hint),
  severity: 'warning',
});
