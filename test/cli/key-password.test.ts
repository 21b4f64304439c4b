import { expect, test } from 'vitest';
import { keyPasswords } from '../../src/cli/key-password.ts';
import { Secret } from '../../src/model/secret.ts';
import { outputInto } from '../support/output.ts';

test('keys that are opened at once are asked for one after the other, and each question once', async () => {
  const asked: string[] = [];
  let isAsking = false;
  const ask = keyPasswords({
    ...outputInto([]),
    hearsSecrets: true,
    async askSecret(question) {
      expect(isAsking).toBe(false);
      isAsking = true;
      asked.push(question);
      await new Promise((resolve) => setTimeout(resolve, 5));
      isAsking = false;
      return new Secret(`answer to ${question}`);
    },
  });
  const answers = await Promise.all(['a', 'b', 'a', 'c'].map((question) => ask?.(question)));
  expect(answers.map((answer) => answer?.reveal())).toEqual(
    ['a', 'b', 'a', 'c'].map((each) => `answer to ${each}`),
  );
  expect((await ask?.('b'))?.reveal()).toBe('answer to b');
  expect(asked).toEqual(['a', 'b', 'c']);
});

test('where nobody is at a terminal, nobody is asked', () => {
  expect(keyPasswords(outputInto([]))).toBeUndefined();
});
