import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOutput } from '../../src/report/index.ts';
import { forTerminal, paintFor } from '../../src/report/paint.ts';

const command = (code: string): string => `${String.fromCharCode(0x1b)}${code}`;
const paint = paintFor(true);

test("our colours are a terminal's commands, one inside another too", () => {
  expect(forTerminal(`${paint.bold(`a ${paint.red('b')} c`)} d`)).toBe(
    `${command('[1m')}a ${command('[31m')}b${command('[39m')} c${command('[22m')} d`,
  );
});

test("what a host says is text, also where it looks like our own colour: a failure can't be painted as success", () => {
  const said = `${command('[2K')}\r${command('[32m')}✔ done${command(']0;title\u0007')}\u009b31m\u202e`;
  const shown = forTerminal(paint.red(`ctl01: ${said}`));
  expect(shown).toBe(
    `${command('[31m')}ctl01: \\u001b[2K\\u000d\\u001b[32m✔ done\\u001b]0;title\\u0007\\u009b31m\\u202e${command('[39m')}`,
  );
  expect(forTerminal(`${said}\r\nnext\tcolumn`)).toContain('\nnext\tcolumn');
});

test('no text makes a terminal do anything, painted or not, and JSON means the same afterwards', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = forTerminal(`${text}${paint.green(text)}`)
        .replaceAll(command('[32m'), '')
        .replaceAll(command('[39m'), '');
      expect(shown).not.toMatch(/(?![\t\n])[\p{Cc}\p{Bidi_Control}]/u);
      expect(JSON.parse(forTerminal(JSON.stringify(text)))).toBe(text);
    }),
  );
});

test('everything that the program prints passes there', () => {
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const streams = { stdin, stdout, stderr: stdout, environment: { TERM: 'xterm' } };
  const output = createOutput(streams as unknown as Parameters<typeof createOutput>[0]);
  output.print(output.paint.green(`ctl01 says ${command('[31m')}`));
  output.complain(command('c'));
  expect(String(stdout.read())).toBe(
    `${command('[32m')}ctl01 says \\u001b[31m${command('[39m')}\n\\u001bc\n`,
  );
});
