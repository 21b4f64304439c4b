import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabOf } from './mcp.ts';

/** What must appear nowhere, by name. */
export type Wanted = Readonly<Record<string, string>>;

/** A secret that was seen where it must not be. */
interface Leak {
  readonly secret: string;
  readonly place: string;
}

/** How often each text was searched: an empty search proves nothing, so a test looks at this too. */
export interface Searched {
  readonly leaks: readonly Leak[];
  readonly places: number;
  readonly characters: number;
}

/** Looks for every secret in texts by their place: as it is, backwards, as JSON writes it, URL-encoded, in hex and base64. */
export function searchTexts(wanted: Wanted, texts: Readonly<Record<string, string>>): Searched {
  const places = Object.entries(texts);
  const forms =
    places.length === 0
      ? []
      : Object.entries(wanted).map(([secret, value]) => [secret, formsOf(value)] as const);
  return {
    leaks: places.flatMap(([place, text]) =>
      forms
        .filter(([, each]) => each.some((form) => text.includes(form)))
        .map(([secret]) => ({ secret, place })),
    ),
    places: places.length,
    characters: places.reduce((sum, [, text]) => sum + text.length, 0),
  };
}

/** Looks through every file below a folder on this machine (run folders, saved plans). */
export async function searchFolder(wanted: Wanted, folder: string): Promise<Searched> {
  const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const searched: Searched[] = [];
  for (const file of files) {
    if (!(await stat(file)).isFile()) continue;
    searched.push(searchTexts(wanted, { [file]: await readFile(file, 'latin1') }));
  }
  return joined(searched);
}

/** Looks through what each host's journal says; the journal never leaves the host but for this test. */
export async function searchJournals(
  wanted: Wanted,
  lab: LabOf,
  hosts: readonly string[],
): Promise<Searched> {
  const texts = await Promise.all(
    hosts.map(async (host) => [`journal of ${host}`, await lab.on(host, readJournal)] as const),
  );
  return searchTexts(wanted, Object.fromEntries(texts));
}

const readJournal = `journalctl --no-pager -q -o cat; cat /var/log/*.log /var/log/*/*.log /var/lib/mcp/runs/*/journal* 2>/dev/null; true`;

/** Process lists taken again and again while something runs: arguments and environment of every process. */
export interface ProcessSampling {
  /** Ends it and searches all samples. */
  finish(): Promise<Searched>;
}

interface SamplingWishes {
  readonly everyMilliseconds?: number;
  /** Those that this process has started alone, and those that they have; all of the machine, unless said otherwise. */
  readonly below?: number;
}

/**
 * Looks at `/proc` of this machine every `everyMilliseconds`: the processes of the lab's hosts are ours to see from here,
 * so nothing on a host has to be quick enough, and nothing of the search runs there.
 */
export function sampleProcesses(
  wanted: Wanted,
  { everyMilliseconds = 50, below }: SamplingWishes = {},
): ProcessSampling {
  const leaks = new Map<string, Leak>();
  const known = new Map<string, string>();
  const stopping = new AbortController();
  let samples = 0;
  let characters = 0;
  const sampling = (async () => {
    while (!stopping.signal.aborted) {
      const { leaks: found, characters: read } = searchTexts(
        wanted,
        newProcesses(known, below === undefined ? everyProcess() : descendantsOf(String(below))),
      );
      for (const leak of found) leaks.set(`${leak.secret} ${leak.place}`, leak);
      samples += 1;
      characters += read;
      await sleep(everyMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async finish() {
      stopping.abort();
      await sampling;
      return { leaks: [...leaks.values()], places: samples, characters };
    },
  };
}

const joined = (searched: readonly Searched[]): Searched => ({
  leaks: searched.flatMap(({ leaks }) => leaks),
  places: searched.reduce((sum, { places }) => sum + places, 0),
  characters: searched.reduce((sum, { characters }) => sum + characters, 0),
});

/**
 * Arguments and environment of each process that was not there, or was another program, the last time. Read without
 * waiting in between: a short-lived process must be met while it is there.
 */
function newProcesses(known: Map<string, string>, pids: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const pid of pids) {
    const argv = shownBy(`/proc/${pid}/cmdline`);
    if (known.get(pid) === argv) continue;
    known.set(pid, argv);
    found[`process ${pid}: ${argv.slice(0, 80)}`] = `${argv}\n${shownBy(`/proc/${pid}/environ`)}`;
  }
  return found;
}

const everyProcess = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

function descendantsOf(pid: string): readonly string[] {
  const children = threadsOf(pid).flatMap((thread) =>
    shownBy(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child !== ''),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function threadsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A process that is gone by now has nothing to show. */
function shownBy(file: string): string {
  try {
    return readFileSync(file, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** A PEM key is looked for by a line of its body, since no place would keep its line breaks. */
function formsOf(value: string): readonly string[] {
  const lines = value.split('\n').filter((line) => line.length >= 8 && !line.startsWith('-----'));
  return lines.flatMap((line) => [
    line,
    [...line].reverse().join(''),
    JSON.stringify(line).slice(1, -1),
    encodeURIComponent(line),
    Buffer.from(line).toString('hex'),
    Buffer.from(line).toString('hex').toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => [base64At(offset, line), base64At(offset, line, 'base64url')]),
  ]);
}

/** The characters of base64 that it alone decides when `offset` bytes stand before it. */
function base64At(offset: number, line: string, encoding: 'base64' | 'base64url' = 'base64'): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(line)]).toString(encoding);
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + line.length) * 8) / 6));
}
