/**
 * What is sent to `sh -s`: the script as one function inside one group, so that the shell has read all of it before it
 * runs a line, and no command in it can eat the rest.
 */
export function programFor(script: string, input?: string | Uint8Array): string {
  if (input === undefined) return group(script, 'mcp_script </dev/null');
  // Base64 keeps any byte intact and can't end the here-document early.
  const encoded = Buffer.from(input).toString('base64');
  return group(script, `base64 -d <<'${endOfInput}' | mcp_script\n${encoded}\n${endOfInput}`);
}

/** The same for a script that goes on reading from the open stdin. */
export const programReadingOn = (script: string): string => group(script, 'mcp_script');

const group = (script: string, start: string): string =>
  `{\nmcp_script() {\n:\n${script}\n}\n${start}\nexit $?\n}\n`;

const endOfInput = 'END-OF-INPUT';
