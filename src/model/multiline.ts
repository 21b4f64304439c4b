import { Secret } from './secret.ts';

/**
 * A text that may hold newlines when it reaches a template: a PEM block, a whole fragment. Every other value with a
 * control character is refused there, so that no value of an inventory can add a line to a configuration file.
 */
export interface Multiline {
  readonly kind: 'multiline';
  readonly text: string | Secret;
}

export const multiline = (text: string | Secret): Multiline => ({ kind: 'multiline', text });

export const isMultiline = (value: object): value is Multiline =>
  'kind' in value &&
  value.kind === 'multiline' &&
  'text' in value &&
  (typeof value.text === 'string' || value.text instanceof Secret);
