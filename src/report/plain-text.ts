/**
 * What a host has said, as any text file may hold it: colours and the other commands of a terminal are taken out, line
 * ends are one kind, and what XML 1.0 knows no place for (control characters, half of a surrogate pair) becomes U+FFFD.
 */
export const plainText = (text: string): string =>
  text
    .replace(terminalCommand, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\t\n\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape character begins a terminal's commands
const terminalCommand = /\u001b\[[0-?]*[ -/]*[@-~]/g;
