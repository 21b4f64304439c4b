import type { Secret } from '../model/secret.ts';
import type { Output } from '../report/index.ts';
import type { AskPassword } from '../workflows/load.ts';

/**
 * Asks for passwords of keys, one after the other, and keeps the answers for as long as the command runs. Undefined where
 * nobody is there to be asked.
 */
export function keyPasswords(output: Output): AskPassword | undefined {
  if (!output.hearsSecrets) return undefined;
  const answers = new Map<string, Promise<Secret>>();
  let turn: Promise<unknown> = Promise.resolve();
  return (question) => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = turn.then(() => output.askSecret(question));
    answers.set(question, answer);
    turn = answer.catch(() => undefined);
    return answer;
  };
}
