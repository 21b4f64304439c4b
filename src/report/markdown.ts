import type { Mask } from './mask.ts';
import { plainText } from './plain-text.ts';

/** A piece of a document. All texts are plain: masking, escaping and bounding is done where it is written. */
export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | LongBlock
  /** Closed until somebody opens it. */
  | { readonly kind: 'details'; readonly summary: string; readonly block: LongBlock };

/** A piece that may be long. */
type LongBlock =
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'code'; readonly language: 'text' | 'diff'; readonly text: string };

/** What a comment on GitHub may have; a step's summary may have sixteen times as much, so it fits in both. */
const longestComment = 65_536;

/**
 * The document as GitHub and GitLab read it. What hosts have said can neither break it nor bring HTML, links or mentions
 * into it. One that would be too long loses the ends of its long pieces, and says so there.
 */
export function markdownAsText(
  blocks: readonly MarkdownBlock[],
  mask: Mask,
  longest: number = longestComment,
): string {
  let room = longest - blocks.length * roomForRemark;
  const written = blocks.map((block) => {
    const text = within(room, drawn(block, mask));
    room -= text.length + 2;
    return text;
  });
  return `${written.filter((text) => text !== '').join('\n\n')}\n`;
}

/** Its lines, between what has to be there for them to make sense. */
interface Drawn {
  readonly opening: readonly string[];
  readonly lines: readonly string[];
  readonly closing: readonly string[];
}

/** As many of its lines as there is room for. The remark is not counted: there is room for one a block. */
function within(room: number, { opening, lines, closing }: Drawn): string {
  const frame = [...opening, ...closing].reduce((sum, line) => sum + line.length + 1, 0);
  let used = frame;
  const end = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  if (end === -1) return [...opening, ...lines, ...closing].join('\n');
  const remark = `*${lines.length - end} more lines are left out: GitHub takes 65,536 characters in a comment.*`;
  if (end === 0) return remark;
  return [...opening, ...lines.slice(0, end), ...closing, '', remark].join('\n');
}

const roomForRemark = 120;

function drawn(block: MarkdownBlock, mask: Mask): Drawn {
  const inline = (text: string): string => escaped(oneLine(text, mask));
  const line = (text: string): string => asText(inline(text));
  switch (block.kind) {
    case 'heading':
      return { ...nothing, lines: [`${'#'.repeat(block.level)} ${inline(block.text)}`] };
    case 'paragraph':
      return { ...nothing, lines: [line(block.text)] };
    case 'link':
      return { ...nothing, lines: [`[${inline(block.text)}](<${addressOf(oneLine(block.url, mask))}>)`] };
    case 'list':
      return { ...nothing, lines: block.items.map((item) => `- ${line(item)}`) };
    case 'table':
      return {
        opening: [rowOf(block.columns, inline), rowOf(block.columns, () => '---')],
        lines: block.rows.map((row) => rowOf(row, inline)),
        closing: [],
      };
    case 'code':
      return codeDrawn(block.language, plainText(mask(block.text)).trimEnd());
    case 'details': {
      const { opening, lines, closing } = drawn(block.block, mask);
      const summary = asHtml(oneLine(block.summary, mask));
      return {
        opening: [`<details><summary>${summary}</summary>`, '', ...opening],
        lines,
        closing: [...closing, '', '</details>'],
      };
    }
  }
}

/** Only pages are linked to, and nothing in an address ends it early. */
const addressOf = (url: string): string =>
  /^https?:/.test(url) ? url.replace(/[<>\\\s]/g, encodeURIComponent) : '';

const nothing = { opening: [], closing: [] };

const rowOf = (cells: readonly string[], written: (cell: string) => string): string =>
  `| ${cells.map(written).join(' | ')} |`;

/** Inside of a longer fence than any that the text has. */
function codeDrawn(language: string, text: string): Drawn {
  const longestRun = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longestRun + 1);
  return { opening: [fence + language], lines: text.split('\n').map(clipped), closing: [fence] };
}

/** Masked before anything is cut off: half a secret would not be found. */
const oneLine = (text: string, mask: Mask): string => {
  const line = plainText(mask(text)).replace(/\s*\n\s*/g, ' ');
  return clipped(line.trim());
};

/** One line that is very long would leave no room for anything else. */
const clipped = (line: string): string => (line.length > 2000 ? `${line.slice(0, 2000)}…` : line);

const escaped = (line: string): string =>
  asHtml(line)
    .replace(/[\\`*_[\]|~#$]/g, '\\$&')
    // `@all` would call everybody.
    .replace(/(?<!\w)@(?=\w)/g, '@\u2060');

/** A line that begins so would be a list or a rule. */
const asText = (line: string): string => line.replace(/^[-+=]/, '\\$&').replace(/^(\d+)([.)])/, '$1\\$2');

const asHtml = (line: string): string =>
  line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
