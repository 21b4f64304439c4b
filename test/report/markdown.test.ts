import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { type MarkdownBlock, markdownAsText, maskWith } from '../../src/report/index.ts';

const unmasked = maskWith([]);
const written = (...blocks: readonly MarkdownBlock[]): string => markdownAsText(blocks, unmasked);

test('words of hosts break no table and bring no HTML, no emphasis and no links', () => {
  const rows = [['ctl01', 'a | b\nnext\r\nlast', '<img src=x> & `code` *b* _i_ [l](http://x) \\|']];
  expect(written({ kind: 'table', columns: ['host', 'what', 'why'], rows })).toBe(
    `| host | what | why |
| --- | --- | --- |
| ctl01 | a \\| b next last | &lt;img src=x&gt; &amp; \\\`code\\\` \\*b\\* \\_i\\_ \\[l\\](http://x) \\\\\\| |
`,
  );
});

test('a row of a table is one line with as many cells as it has columns, whatever is in them', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 3, maxLength: 3 }), (cells) => {
      const lines = written({ kind: 'table', columns: ['a', 'b', 'c'], rows: [cells] })
        .trimEnd()
        .split('\n');
      expect(lines).toHaveLength(3);
      const bars = lines[2]?.replace(/\\[\\|]/g, '').match(/\|/g);
      expect(bars).toHaveLength(4);
      expect(lines[2]).not.toMatch(/[<>]/);
    }),
  );
});

test('nothing that begins a line is taken for a heading, a list or a rule, and nobody is called', () => {
  const items = ['# one', '- two', '3. three', '--- four', '@all five', 'root@ctl01 six'];
  expect(written({ kind: 'list', items })).toBe(
    '- \\# one\n- \\- two\n- 3\\. three\n- \\--- four\n- @\u2060all five\n- root@ctl01 six\n',
  );
});

test('a fence is longer than any in the text', () => {
  expect(written({ kind: 'code', language: 'text', text: 'a\n````\n</details>' })).toBe(
    '`````text\na\n````\n</details>\n`````\n',
  );
});

test('only pages are linked to', () => {
  const link = (url: string) => written({ kind: 'link', text: 'CI job', url });
  expect(link('https://gitlab.example/a_b/-/jobs/7')).toBe(
    '[CI job](<https://gitlab.example/a_b/-/jobs/7>)\n',
  );
  expect(link('https://x/> <script>')).toBe('[CI job](<https://x/%3E%20%3Cscript%3E>)\n');
  expect(link('javascript:alert(1)')).toBe('[CI job](<>)\n');
});

test('a secret is masked before it is escaped or cut off', () => {
  const secret = new Secret('a_b|c<d>12345');
  const text = `${'x'.repeat(1995)} ${secret.reveal()}`;
  for (const block of [
    { kind: 'paragraph', text },
    { kind: 'list', items: [text] },
    { kind: 'table', columns: ['a'], rows: [[text]] },
    { kind: 'code', language: 'text', text },
    { kind: 'details', summary: text, block: { kind: 'code', language: 'diff', text } },
  ] satisfies readonly MarkdownBlock[]) {
    const shown = markdownAsText([block], maskWith([secret]));
    expect(shown).not.toMatch(/a\\?_b/);
    expect(shown).toMatch(/\\?\*\\?\*\\?\*/);
  }
});

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `+line ${index}`).join('\n');

test('what would not fit into a comment is cut between two lines, and says so', () => {
  const diff: MarkdownBlock = {
    kind: 'details',
    summary: 'Every difference',
    block: { kind: 'code', language: 'diff', text: lines(10_000) },
  };
  const text = written({ kind: 'heading', level: 2, text: 'lab' }, diff, {
    kind: 'paragraph',
    text: 'the end',
  });
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text.length).toBeGreaterThan(64_000);
  expect(text).toMatch(
    /\n\+line \d+\n```\n\n<\/details>\n\n\*\d+ more lines are left out: GitHub takes 65,536 characters in a comment\.\*\n/,
  );
});

test('however much is told, the document fits, and each fence and fold that is opened is closed', () => {
  const long = fc.integer({ min: 0, max: 400 }).map(lines);
  const block = long.chain((text) =>
    fc.constantFrom<MarkdownBlock>(
      { kind: 'code', language: 'text', text },
      { kind: 'list', items: text.split('\n') },
      { kind: 'details', summary: 's', block: { kind: 'code', language: 'diff', text } },
      {
        kind: 'details',
        summary: 's',
        block: { kind: 'table', columns: ['a'], rows: text.split('\n').map((a) => [a]) },
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const text = markdownAsText(blocks, unmasked, 3000);
      expect(text.length).toBeLessThanOrEqual(3000);
      expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
      expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    }),
  );
});
