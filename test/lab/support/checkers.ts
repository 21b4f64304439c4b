import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Validator } from '../../../src/model/probe.ts';
import type { Cloud } from '../../../src/workflows/cloud.ts';
import { command } from './mcp.ts';

/** A system that has the services of a release, where their own checkers are run. */
export interface CheckingSystem {
  /** The folder `trees`, seen from this machine. */
  readonly outside: string;
  /** Runs a line of shell there. */
  run(line: string): Promise<{ readonly exitCode: number; readonly stdout: string }>;
}

/** Where rendered trees lie on the system that checks them. */
export const trees = '/var/tmp/mcp-trees';

/** What the checkers of a host refuse in the tree of that name, a line each. */
export const asked = (validators: readonly Validator[], tree: string): readonly string[] =>
  validators.map((each) => questionOf(each, tree));

/** Asks all in one go, since a login takes longer than a checker: the lines of what is refused. `first`: what is done before. */
export async function refusals(
  system: CheckingSystem,
  questions: readonly string[],
  first: readonly string[] = [],
): Promise<readonly string[]> {
  await writeFile(join(system.outside, 'ask.sh'), `${[...first, ...questions].join('\n')}\n`);
  const { exitCode, stdout } = await system.run(`. ${trees}/ask.sh; echo asked`);
  const lines = stdout.trimEnd().split('\n');
  // Or it has ended in the middle, and the rest was not asked.
  expect([exitCode, lines.at(-1)]).toEqual([0, 'asked']);
  return lines.filter((line) => line.startsWith('refused'));
}

/** Runs a line on an image that nobody boots, in a network of its own, with `outside` as `trees`: what it writes besides is forgotten. */
export const onImage = (image: string, outside: string) => (line: string) =>
  command('systemd-nspawn', [
    ...['-q', '--register=no', '--keep-unit', '--private-network', '--volatile=overlay', '--pipe'],
    ...['-D', image, `--bind=${outside}:${trees}`, '/bin/sh', '-c', line],
  ]);

/** A program of our own comes with the first deploy, and has nothing to judge before. */
export const isOfPackage = ({ program }: Validator): boolean => !program.startsWith('/usr/lib/mcp/');

export const validatorsOf = ({ desired }: Cloud, name: string): readonly Validator[] =>
  (desired.hosts.get(name)?.services ?? []).flatMap(({ validators }) => validators);

/** Each in a shell of its own, since a checker may end it. */
const questionOf = ({ name, program, script }: Validator, tree: string): string => `\
said=$( (
cd / && export TREE=${trees}/${tree} && command -v ${program} >/dev/null && ( ${script}
) ) 2>&1 ) || printf 'refused %s of %s: %s\n' '${name.replaceAll("'", '')}' '${tree}' "$(printf %s "$said" | tail -n 5 | tr '\n' ' ')"`;
