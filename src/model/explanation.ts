/** What the schema says of one setting of an inventory, or of a mapping of them. */
export interface Explanation extends SettingWords {
  /** Dotted, `*` for a name that the operator chooses: `machines.*.ssh`; empty: the whole inventory. */
  readonly path: string;
  /** Every place that it may be said at; the narrower one comes later, and wins. */
  readonly saidAt: readonly string[];
  /** What may stand below it. */
  readonly settings: readonly (SettingWords & { readonly name: string })[];
}

export interface SettingWords {
  /** What it is for. */
  readonly description: string | undefined;
  /** What may be written: `a whole number, 100 to 8000`. */
  readonly kind: string;
  readonly isRequired: boolean;
  /** What holds where it is left out; undefined: nothing, or what the description says. */
  readonly default: unknown;
}
