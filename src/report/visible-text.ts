/**
 * Text of hosts, services and files as a terminal may show it: what would move the cursor, colour, hide or turn the words
 * around it is written out, `\u001b` for an escape character. In JSON that means the same character. Ends of lines are one
 * kind, tabs stay.
 */
export const visibleText = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(commands, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** Control characters but for tab and newline, and those that change the direction in which text is read. */
const commands = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu;
