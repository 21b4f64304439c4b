/**
 * What our shell says first, in a line of its own, on both of its streams. A login shell reads its files before it starts
 * ours, and they may say what they like: greetings, warnings about a locale, the lecture of sudo. None of that is an answer.
 */
export const shellMark = 'mcp-shell-begins';

/**
 * What was said after the mark; undefined where there is none. A greeting need not end its line before it; and where the
 * whole command is shown, as by `set -x`, more of it follows on the line.
 */
export function afterMark(said: string, mark = shellMark): string | undefined {
  const line = `${mark}\n`;
  const at = said.indexOf(line);
  return at === -1 ? undefined : said.slice(at + line.length);
}

/** The same of a stream, piece by piece: what comes before the mark is not kept, however much it is. */
export function listenForMark(mark = shellMark): (piece: string) => string | undefined {
  let end = '';
  let own: string | undefined;
  return (piece) => {
    own = own === undefined ? afterMark(end + piece, mark) : own + piece;
    end = (end + piece).slice(-mark.length);
    return own;
  };
}
