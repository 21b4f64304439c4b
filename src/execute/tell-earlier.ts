import type { EarlierFile } from '../model/earlier.ts';
import { McpError } from '../model/failure.ts';
import { programWith } from '../model/shell-program.ts';
import { hostPaths } from './host-paths.ts';
import type { Reaching } from './lock-state.ts';
import tellEarlierText from './tell-earlier.sh';
import { toldLines } from './told-lines.ts';

/**
 * What a host had before the first of `runs`, which are in their order, for every path that any of them has changed.
 * Contents may hold secrets: they go into what is staged, and nowhere else. Throws McpError where that can't be told.
 */
export async function earlierFilesOn(
  host: string,
  runs: readonly string[],
  reaching: Reaching,
): Promise<ReadonlyMap<string, EarlierFile>> {
  const { paths = hostPaths } = reaching;
  const tooMuch = new McpError(
    'no-way-back',
    `${host}: its earlier files are more than ${mostBytes >> 20} MB`,
    { host },
  );
  const lines = await toldLines(
    host,
    {
      program: programWith(tellEarlierText, {
        values: { state: paths.state, most_bytes: mostBytes, too_much_code: tooMuchCode },
        words: runs,
      }),
      ...{ what: 'its earlier files', timeoutSeconds: 60, title: 'tell what its files were like' },
      failures: new Map([[tooMuchCode, tooMuch]]),
    },
    reaching,
  );
  return new Map(lines.flatMap((line, index) => fileIn(host, line, lines[index + 1] ?? '')));
}

/** A reply may be twice as long, and it is in base64. */
const mostBytes = 8 * 1024 * 1024;
const tooMuchCode = 81;

/** A line of words tells of a file; where that was ours, its content follows on the next one. */
function fileIn(host: string, line: string, next: string): readonly (readonly [string, EarlierFile])[] {
  const [kind = '', live = '', ...rest] = line.split(' ');
  if (kind === 'created' || kind === 'theirs') {
    return [[rest.join(' '), { kind: 'not-ours', isThere: live === 'there' }]];
  }
  if (kind !== 'ours') return [];
  const [mode = '', owner = '', group = '', ...path] = rest;
  const bytes = Buffer.from(next.slice('content '.length), 'base64');
  const content = bytes.toString();
  // Everything that is rendered is text.
  if (!Buffer.from(content).equals(bytes)) {
    throw new McpError('no-way-back', `${host}: what ${path.join(' ')} was like is no text`, { host });
  }
  const attributes = { mode: mode.padStart(4, '0'), owner, group };
  return [[path.join(' '), { kind: 'ours', content, ...attributes, isLive: live === 'same' }]];
}
