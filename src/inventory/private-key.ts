import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type AskPassword, givenPasswords } from './key-passwords.ts';
import { shownPath } from './operator.ts';
import { eachKeyIn } from './pem-file.ts';

/** What came of opening a private key. */
export type OpenedKey =
  | {
      readonly kind: 'key';
      readonly key: KeyObject;
      /** As every daemon reads it: without a password, and nothing else beside it. */
      readonly pem: string;
    }
  /** `closed`: its password is missing. `unfit`: it is no key. The file comes first in the message. */
  | { readonly kind: 'closed' | 'unfit'; readonly message: string; readonly hint: string };

/** Opens the private key in the PEM text of `file`: PKCS#8, PKCS#1 or SEC1, each with a password or without one. */
export async function openKey(file: string, text: string, ask: AskPassword | undefined): Promise<OpenedKey> {
  const [pem, another] = eachKeyIn(text);
  if (pem === undefined || another !== undefined) {
    const holds = pem === undefined ? 'holds no private key in PEM' : 'holds more than one private key';
    return {
      kind: 'unfit',
      message: `${shownPath(file)} ${holds}`,
      hint: 'put the key of the certificate there, alone',
    };
  }
  if (isEncrypted(pem)) return openWithPassword(file, pem, ask);
  const key = keyOf(pem);
  return key === undefined ? notUnderstood(file) : { kind: 'key', key, pem: `${pem}\n` };
}

/** By what the PEM says of itself: PKCS#8's label, or the header of older forms. */
const isEncrypted = (pem: string): boolean =>
  pem.startsWith('-----BEGIN ENCRYPTED ') || /^Proc-Type: *4, *ENCRYPTED$/m.test(pem);

async function openWithPassword(file: string, pem: string, ask: AskPassword | undefined): Promise<OpenedKey> {
  const given = await givenPasswords();
  for (const password of given.passwords) {
    const key = keyOf(pem, password);
    if (key !== undefined) return { kind: 'key', key, pem: inTheClear(key) };
  }
  for (const question of ask === undefined ? [] : questions(file)) {
    const key = keyOf(pem, (await ask?.(question))?.reveal());
    if (key !== undefined) return { kind: 'key', key, pem: inTheClear(key) };
  }
  const { reason, hint } = given;
  return { kind: 'closed', message: `${shownPath(file)} is encrypted with a password, and ${reason}`, hint };
}

const questions = (file: string): readonly string[] => {
  const question = `password of ${shownPath(file)}: `;
  return [question, `that does not open it; ${question}`, `nor does that; the last time, ${question}`];
};

/** OpenSSL's words may quote what they are about. */
function keyOf(pem: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch {
    return undefined;
  }
}

const inTheClear = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const notUnderstood = (file: string): OpenedKey => ({
  kind: 'unfit',
  message: `${shownPath(file)} can't be understood as a private key`,
  hint: 'look at it with `openssl pkey -noout -text -in`, and put back what it was',
});
