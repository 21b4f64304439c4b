import { Secret } from '../../src/model/secret.ts';
import { type Output, paintFor } from '../../src/report/index.ts';

/** An output that keeps what is printed and what is complained of, a line each; nobody is there to answer. */
export const outputInto = (lines: string[]): Output => ({
  interactive: false,
  hearsSecrets: false,
  paint: paintFor(false),
  mask: (text) => text,
  print: (text) => void lines.push(text),
  complain: (text) => void lines.push(text),
  hide: () => undefined,
  confirm: async () => false,
  ask: async () => undefined,
  askSecret: async () => new Secret('none'),
});
